"""What is handed to the holder: the letter with the QR code."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from amis.concessions import store as concessions
from amis.issuing import minting, store
from amis.issuing.errors import NameNotKnown, NotShown
from amis.issuing.models import Token
from amis.issuing.store import Shown
from amis.kernel.db import Transaction
from amis.kernel.models import Municipality
from amis.register import store as register
from amis.register.store import PersonView
from amis.web.formats import day, last_day
from cards.claims import Right
from cards.letter import Access, Letter
from cards.token import State


async def letter_of(
    tx: Transaction,
    token_id: UUID,
    purpose: str,
    language: str,
    *,
    named: bool = False,
    access: Access | None = None,
) -> Letter:
    """The letter of an active token; whose it is and what it shows is opened for `purpose`, and that is logged.

    `named`: what it shows says a display name and the year of birth (profile P), else nothing of the holder (S).

    Raises:
        TokenUnknown, NotShown, PurposeMissing, PersonErased, NameNotKnown, NothingGranted
    """
    token = await store.lock_token(tx, token_id)
    person = await register.open_person(tx, token.person_id, purpose)
    if named:
        await _sign_named(tx, token, person)
    shown = await store.open_credential(tx, token, purpose, "P" if named else "S")
    municipality = await tx.session.get_one(Municipality, tx.municipality_id)
    name = municipality.name_lv if language == "lv" else municipality.name_en
    return Letter(
        recipient=person.name or person.code_masked,
        address=(),
        municipality=name,
        contact=name,
        number=token.number,
        qr_text=shown.text,
        concessions=tuple(f"{given} – {day(until, language)}" for given, until in await rights_of(tx, shown, language)),
        valid_until=last_day(token.valid_to),
        issued_on=tx.day,
        language=language,
        access=access,
    )


async def _sign_named(tx: Transaction, token: Token, person: PersonView) -> None:
    """Signs the credential with a name once for each token, beside the anonymous one."""
    if await store.newest_credential(tx, token.id, "S") is None or token.state != State.ACTIVE:
        raise NotShown
    if await store.newest_credential(tx, token.id, "P") is not None:
        return
    if not person.name or person.born is None:
        raise NameNotKnown
    token.generation += 1
    await minting.mint(tx, await register.lock_person(tx, person.id), token, (person.name, person.born.year))


async def rights_of(tx: Transaction, shown: Shown, language: str) -> list[tuple[str, date]]:
    """The concessions that a credential promises, each by name and with its last day."""
    return await named_rights(tx, shown.rights, language)


async def named_rights(tx: Transaction, rights: Sequence[Right], language: str) -> list[tuple[str, date]]:
    """The concessions behind public codes, each by name and with its last day."""
    rows = await concessions.list_concessions(tx)
    names = {row.public_code: row.name_lv if language == "lv" else row.name_en for row in rows}
    return [(names.get(code, str(code)), until) for code, until in rights]

"""Minting: what a person has now, signed by the municipality for offline use."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from amis.concessions import store as concessions
from amis.granting import store as granting
from amis.issuing.errors import NothingGranted
from amis.issuing.models import CredentialRow, Token
from amis.issuing.store import ISSUER
from amis.kernel import audit
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from amis.kernel.models import Municipality
from amis.kernel.sealed import seal_bytes, subject_key
from amis.register.errors import PersonErased
from amis.register.models import Person
from cards.claims import MOST_RIGHTS, Right
from cards.credential import mint_static, new_cti, status_number
from cards.errors import KeyExists
from cards.keys import KeySigner
from rules.period import EMPTY, Days

LONGEST = timedelta(days=400)
"""What a printed credential, or one in a chip, lives at most."""
A_DAY = timedelta(days=1)


class Promise(NamedTuple):
    """What a credential says: rights, the claim by which a tap finds it, and when it ends."""

    rights: tuple[Right, ...]
    cti: bytes | None
    expires: datetime


async def granted_days(tx: Transaction, person_id: UUID) -> dict[int, Days]:
    """All days of a person's concessions on which they may be used, by the public code that tokens carry."""
    codes = {row.id: row.public_code for row in await concessions.list_concessions(tx)}
    days: dict[int, Days] = {}
    for one in await granting.entitlements_of(tx, person_id):
        if (code := codes.get(one.rule.concession_id)) is not None:
            days[code] = days.get(code, EMPTY) | one.usable
    return days


def promised(days: dict[int, Days], today: date, last: date, most: int = MOST_RIGHTS["S"]) -> list[Right]:
    """The rights to sign: those that hold today, each until it pauses or until `last`; the `most` that last longest."""
    held = [(code, days_of.period_at(today)) for code, days_of in days.items()]
    rights = [Right(code, min(period.last or last, last)) for code, period in held if period is not None]
    return sorted(rights, key=lambda right: (-right.until.toordinal(), right.code))[:most]


def still_hold(rights: Sequence[Right], days: dict[int, Days], today: date) -> bool:
    """Whether every signed right is still granted on each day from today to its end."""
    for code, until in rights:
        period = days.get(code, EMPTY).period_at(today)
        if until >= today and (period is None or (period.last is not None and period.last < until)):
            return False
    return True


async def mint(tx: Transaction, person: Person, token: Token, named: tuple[str, int] | None = None) -> CredentialRow:
    """Signs a static credential for a placed token and keeps its text under the holder's key.

    It is anonymous (profile S), or printed with `named`: a display name and the year of birth (profile P).

    Raises:
        NothingGranted, PersonErased
    """
    key, rights, signer = holder_key(person), await rights_now(tx, person, token), await issuer(tx)
    cti, expires = new_cti(), expiry(tx.at, token.valid_to)
    text = mint_static(
        signer,
        status=status_number(token.status_list, token.status_index),
        rights=rights,
        cti=cti,
        issued=tx.at,
        expires=expires,
        named=named,
    )
    promise = Promise(tuple(rights), cti, expires)
    return await keep(tx, token, "S" if named is None else "P", signer.kid, promise, text.encode(), key)


def holder_key(person: Person) -> bytes:
    """The key under which what was signed for a person is kept.

    Raises:
        PersonErased
    """
    if person.subject_key is None:
        raise PersonErased
    return subject_key(person.id, person.subject_key)


async def rights_now(tx: Transaction, person: Person, token: Token) -> list[Right]:
    """What a credential on paper or on a phone promises from today on.

    Raises:
        NothingGranted
    """
    rights = promised(await granted_days(tx, person.id), tx.day, token.valid_to - A_DAY)
    if not rights:
        raise NothingGranted
    return rights


async def keep(
    tx: Transaction, token: Token, profile: str, kid: bytes, promise: Promise, content: bytes, key: bytes, **told: str
) -> CredentialRow:
    """Keeps what was signed for a token under its holder's `key`; `told` goes into the audit trail with it."""
    row = CredentialRow(
        id=new_id(),
        municipality_id=tx.municipality_id,
        token_id=token.id,
        person_id=token.person_id,
        generation=token.generation,
        profile=profile,
        kid=kid,
        cti=promise.cti,
        issued_at=tx.at,
        expires_at=promise.expires,
        rights=[[code, until.isoformat()] for code, until in promise.rights],
        sealed=b"",
    )
    row.sealed = seal_bytes(key, "credential", "sealed", row.id, content)
    tx.session.add(row)
    made = {"profile": profile, "generation": token.generation, "kid": kid.hex()} | told
    if promise.cti is not None:
        made["cti"] = promise.cti.hex()
    await audit.record(tx, "credential.mint", ("token", token.id), after=made)
    return row


def expiry(at: datetime, valid_to: date) -> datetime:
    """The first instant of `valid_to` in Riga, within the limit of a printed credential."""
    return min(datetime.combine(valid_to, time(), RIGA), at + LONGEST)


async def issuer(tx: Transaction) -> KeySigner:
    """The municipality's key that signs credentials, made when it is first asked for."""
    municipality = await tx.session.get_one(Municipality, tx.municipality_id)
    name = ISSUER + municipality.code
    if name not in keystore().names():
        # another process may have made it a moment ago; adding has then read the file again
        with suppress(KeyExists):
            keystore().add(name)
    return KeySigner.of(keystore(), name)

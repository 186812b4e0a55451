"""The town of these tests: what a clerk of Jelgava does with tokens, each in a transaction of its own."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from amis.concessions.seed_lv import JELGAVA
from amis.granting.service import Cause, record_and_regrant
from amis.issuing import service, store
from amis.issuing.models import CredentialRow, Token
from amis.kernel.actor import Actor
from amis.kernel.clock import today
from amis.kernel.db import Transaction, transaction
from amis.kernel.keys import keystore
from amis.register import service as register
from amis.register.service import FactChange, PersonDraft
from cards.credential import Verified, verify

PERMISSIONS = frozenset(
    {"fact.write", "person.read", "rule.read", "token.block", "token.issue", "token.read", "validation.read"}
)
CLERK = Actor("staff", "clerk-1", "Ilze Bērziņa", JELGAVA, "Jelgavas valstspilsēta", PERMISSIONS)
CHECK = "check"
CODES = ("32345678901", "32345678910")
_NOTICE = Cause("notice", "sopa evt-1")
Result = TypeVar("Result")


async def acting(deed: Callable[[Transaction], Awaitable[Result]]) -> Result:
    """What `deed` gives in a committed transaction of the clerk."""
    async with transaction(CLERK) as tx:
        return await deed(tx)


async def state(person_id: UUID, kind: str, value: str, first: str, end: str | None, version: int = 1) -> None:
    """Records one fact, so that its rights follow; a later version of the same kind takes the place of the earlier."""
    last = None if end is None else date.fromisoformat(end)
    stated = FactChange(kind, value, date.fromisoformat(first), last, "sopa", f"{kind}-{person_id}", version)
    await acting(lambda tx: record_and_regrant(tx, person_id, [stated], _NOTICE))


async def enrolled(
    code: str = "320101-10006", name: str = "Žanete Šķēle", born: date | None = date(1980, 5, 17)
) -> UUID:
    """A person without any fact."""
    return await acting(lambda tx: register.enrol(tx, PersonDraft(code, name, born)))


async def entitled(code: str = "320101-10006", name: str = "Žanete Šķēle") -> UUID:
    """A person with a right of the state for ever and one of the town until the end of the year."""
    person_id = await enrolled(code, name)
    await state(person_id, "disability", "I", "2026-01-01", None)
    await state(person_id, "needy", "yes", "2026-01-01", "2026-12-01")
    return person_id


async def issued(person_id: UUID) -> Token:
    """An active token of the person."""
    return await acting(lambda tx: service.issue_qr(tx, person_id))


async def token(token_id: UUID) -> Token:
    """The token as it stands."""
    return await acting(lambda tx: store.get_token(tx, token_id))


async def credential(token_id: UUID) -> CredentialRow:
    """Its newest credential."""
    row = await acting(lambda tx: store.newest_credential(tx, token_id))
    assert row is not None
    return row


async def shown(token_id: UUID) -> Verified:
    """What a terminal verifies in the text that the token shows."""
    async with transaction(CLERK) as tx:
        text = (await store.open_credential(tx, await store.get_token(tx, token_id), CHECK)).text
        return verify(text, store.trust(keystore()), tx.at)


def days_from_today(last: date) -> int:
    """How many days `last` lies ahead."""
    return (last - today()).days

"""Looking persons up by a member of staff: counted, limited and logged, as each look-up shows somebody's traces."""

from datetime import timedelta

from sqlalchemy import func, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.models import AuditEntry
from amis.register import store
from amis.register.errors import TooManyLookups

MOST_A_MINUTE = 30


async def look_up(tx: Transaction, text: str) -> list[store.PersonSummary]:
    """Searches persons for the acting member of staff and logs whom the answer shows; never what was typed.

    The log itself is what is counted, so the limit holds across processes.

    Raises:
        TooManyLookups, CodeInvalid
    """
    await limit_lookups(tx)
    found = await store.search(tx, text)
    shown = [str(person.id) for person in found]
    await audit.record(tx, "person.search", ("lookup", tx.actor.id), after={"shown": shown})
    return found


async def limit_lookups(tx: Transaction) -> None:
    """Lets the acting member of staff look up once more; another look-up of theirs waits until this one is counted.

    Raises:
        TooManyLookups
    """
    await tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(tx.actor.id, 0))))
    if await _in_the_last_minute(tx) >= MOST_A_MINUTE:
        raise TooManyLookups


async def _in_the_last_minute(tx: Transaction) -> int:
    return (
        await tx.session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .where(
                AuditEntry.municipality_id == tx.municipality_id,
                AuditEntry.subject_kind == "lookup",
                AuditEntry.subject_id == tx.actor.id,
                AuditEntry.at > tx.at - timedelta(minutes=1),
            )
        )
        or 0
    )

"""The outbox: what a worker must do because of a committed change, at least once and in order of its key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from amis.kernel import clock
from amis.kernel.db import Transaction
from amis.kernel.log import without_rows
from amis.kernel.models import OutboxEntry

LEASE = timedelta(minutes=1)
"""How long nothing is heard of a worker before another may take over what it holds."""
AT_ONCE = 500
"""Entries that a worker holds at a time."""

_CLAIM = """
UPDATE outbox SET attempts = attempts + 1, due_at = %(lease)s
WHERE id IN (
    SELECT id FROM outbox AS entry
    WHERE done_at IS NULL AND due_at <= %(now)s AND NOT EXISTS (
        SELECT FROM outbox AS earlier
        WHERE earlier.done_at IS NULL AND earlier.municipality_id = entry.municipality_id
            AND earlier.key = entry.key AND earlier.id < entry.id
    )
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, municipality_id, topic, key, payload, attempts
"""


async def publish(
    tx: Transaction, topic: str, key: str, payload: dict[str, Any], *, due_at: datetime | None = None
) -> None:
    """Leaves a note for the worker in the transaction of its cause; the payload carries ids, no personal data.

    It is acted upon at once, or from the aware instant `due_at` on; until then later notes of its key wait too.
    """
    tx.session.add(
        OutboxEntry(
            municipality_id=tx.municipality_id,
            topic=topic,
            key=key,
            payload=payload,
            created_at=tx.at,
            due_at=due_at or tx.at,
            attempts=0,
        )
    )
    await tx.session.flush()


@dataclass(frozen=True, slots=True)
class Note:
    """One claimed entry: what happened (`topic`) to what (`key`); `attempts` counts this try."""

    id: int
    municipality_id: int
    topic: str
    key: str
    payload: dict[str, Any]
    attempts: int


async def claim(connection: AsyncConnection, limit: int = AT_ONCE) -> list[Note]:
    """Leases up to `limit` due entries for a minute; two workers never hold one entry at once.

    Of each key only the oldest open entry is taken, so that what happened first is done first.
    """
    async with connection.cursor(row_factory=class_row(Note)) as cursor:
        await cursor.execute(_CLAIM, {"now": clock.now(), "lease": clock.now() + LEASE, "limit": limit})
        return sorted(await cursor.fetchall(), key=lambda note: note.id)


async def renew(connection: AsyncConnection, notes: Collection[Note]) -> None:
    """Leases entries that are held, and neither done nor taken over by another worker, for another minute."""
    statement = (
        "UPDATE outbox SET due_at = %s FROM unnest(%s::bigint[], %s::integer[]) AS held (id, attempts)"
        " WHERE outbox.id = held.id AND outbox.attempts = held.attempts AND done_at IS NULL"
    )
    ids, attempts = [note.id for note in notes], [note.attempts for note in notes]
    await connection.execute(statement, (clock.now() + LEASE, ids, attempts))


async def finish(connection: AsyncConnection, notes: Collection[Note]) -> None:
    """The entries are done."""
    statement = "UPDATE outbox SET done_at = %s, error = NULL WHERE id = ANY (%s)"
    await connection.execute(statement, (clock.now(), [note.id for note in notes]))


async def postpone(connection: AsyncConnection, note: Note, error: str) -> None:
    """The entry failed: it is tried again after 2, 4, 8, ... seconds, at most every 5 minutes.

    One that another worker has taken over meanwhile is left to that one.
    """
    wait = timedelta(seconds=min(2**note.attempts, 300))
    statement = "UPDATE outbox SET due_at = %s, error = %s WHERE id = %s AND attempts = %s AND done_at IS NULL"
    await connection.execute(statement, (clock.now() + wait, without_rows(error)[:500], note.id, note.attempts))

"""Who works upon a batch: a lease that ends by itself when its worker dies: another goes on where it stopped.

A worker is dead as soon as the database no longer knows its connection, and after `LASTS` of silence in any case.
Neither has to be right: what one writes that has lost its lease is never committed.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row
from sqlalchemy import select

from amis.intake.batch_models import Batch
from amis.kernel import clock
from amis.kernel.db import Transaction

LASTS = timedelta(minutes=1)
"""How long a worker may be silent before another takes its batch over."""
_LONGEST_WAIT = 300

# One batch of a sender at a time, in the order of the queue; the unique index batch_started is the last word. Those of
# a suspended sender wait. A number of a connection may be given out anew: then the lease ends by its time.
_CLAIM = """
UPDATE batch SET lease = %(lease)s, lease_until = %(until)s, lease_pid = pg_backend_pid(), attempts = attempts + 1,
    state = CASE state WHEN 'received' THEN 'checking' ELSE state END, started_at = coalesce(started_at, %(now)s)
WHERE id = (
    SELECT id FROM batch AS waiting
    WHERE state IN ('received', 'checking', 'applying') AND (lease_until IS NULL OR lease_until <= %(now)s
            OR lease IS NOT NULL AND NOT EXISTS (SELECT FROM pg_stat_get_activity(lease_pid)))
        AND EXISTS (SELECT FROM sender WHERE sender.id = waiting.sender_id AND sender.state = 'active')
        AND NOT EXISTS (
            SELECT FROM batch AS other
            WHERE other.municipality_id = waiting.municipality_id AND other.sender_id = waiting.sender_id
                AND other.id <> waiting.id
                AND (other.state IN ('checking', 'applying') OR waiting.state = 'received'
                    AND other.state = 'received' AND (other.queued_at, other.id) < (waiting.queued_at, waiting.id))
        )
    ORDER BY queued_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, municipality_id, lease, attempts
"""
_RENEW = "UPDATE batch SET lease_until = %(until)s WHERE id = %(id)s AND lease = %(lease)s"


class LeaseLost(Exception):
    """Another worker has the batch now, or somebody has cancelled it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that this worker alone works upon; `attempts` counts how often since it last moved on."""

    id: UUID
    municipality_id: int
    lease: UUID
    attempts: int


async def claim(connection: AsyncConnection) -> Claim | None:
    """The next batch that nobody works upon; None when there is none."""
    now = clock.now()
    asked = {"lease": uuid4(), "until": now + LASTS, "now": now}
    try:
        async with connection.cursor(row_factory=class_row(Claim)) as cursor:
            await cursor.execute(_CLAIM, asked)
            return await cursor.fetchone()
    except UniqueViolation:
        # another worker has begun with the same sender in the same moment
        return None


async def renew(connection: AsyncConnection, held: Claim) -> None:
    """Goes on holding the batch.

    Raises:
        LeaseLost
    """
    asked = {"id": held.id, "lease": held.lease, "until": clock.now() + LASTS}
    if (await connection.execute(_RENEW, asked)).rowcount == 0:
        raise LeaseLost


async def postpone(connection: AsyncConnection, held: Claim) -> None:
    """Lets go of a batch that could not be worked upon: it is taken up again after 2, 4, 8, ... seconds."""
    wait = timedelta(seconds=min(2**held.attempts, _LONGEST_WAIT))
    statement = "UPDATE batch SET lease = NULL, lease_until = %s WHERE id = %s AND lease = %s"
    await connection.execute(statement, (clock.now() + wait, held.id, held.lease))


async def hold(tx: Transaction, held: Claim) -> Batch:
    """The batch, locked until this transaction ends: what it writes is committed by its one worker or not at all.

    Raises:
        LeaseLost
    """
    query = select(Batch).where(Batch.id == held.id, Batch.lease == held.lease).with_for_update()
    batch = await tx.session.scalar(query.execution_options(populate_existing=True))
    if batch is None:
        raise LeaseLost
    batch.lease_until = clock.now() + LASTS
    return batch

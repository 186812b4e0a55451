"""Deliveries that are due: leased by one worker at a time, in order for each key, and what became of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import class_row

from amis.kernel import clock
from amis.kernel.ids import new_id
from amis.kernel.log import without_rows
from amis.outbound.posting import Answer
from amis.outbound.retries import next_wait

LEASE = timedelta(minutes=1)
"""How long a worker has for one delivery before another may take it over."""
AT_ONCE = 8
"""Messages that are on the way to one webhook at once."""
GONE = 410
_CLAIM: LiteralString = """
WITH due AS MATERIALIZED (
    SELECT seq FROM webhook_delivery AS one
    WHERE webhook_id = %(webhook)s AND state = 'pending' AND due_at <= %(now)s AND NOT EXISTS (
        SELECT FROM webhook_delivery AS earlier
        WHERE earlier.webhook_id = one.webhook_id AND earlier.key = one.key AND earlier.state = 'pending'
            AND earlier.seq < one.seq
    )
    ORDER BY seq LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE webhook_delivery AS one SET lease = %(lease)s, due_at = %(until)s, attempts = attempts + 1
    FROM due WHERE one.webhook_id = %(webhook)s AND one.seq = due.seq
    RETURNING one.*
)
SELECT taken.webhook_id, taken.municipality_id, taken.seq, taken.attempts, taken.lease, webhook.url, webhook.sender_id,
    feed.source AS table_name, feed.ref, feed.topic, feed.subject, feed.data, feed.at, feed.sequenced_at
FROM taken JOIN webhook ON webhook.id = taken.webhook_id
    LEFT JOIN feed ON feed.municipality_id = taken.municipality_id AND feed.seq = taken.seq
ORDER BY taken.seq
"""
_DUE: LiteralString = """
SELECT id FROM webhook WHERE state = 'active' AND EXISTS (
    SELECT FROM webhook_delivery AS one WHERE one.webhook_id = webhook.id AND one.state = 'pending' AND due_at <= %s
) ORDER BY id
"""
_SETTLE: LiteralString = """
WITH settled AS (
    UPDATE webhook_delivery SET state = %(state)s, due_at = %(due)s, lease = NULL,
        ended_at = CASE WHEN %(state)s <> 'pending' THEN %(now)s::timestamptz END
    WHERE webhook_id = %(webhook)s AND seq = %(seq)s AND lease = %(lease)s
    RETURNING municipality_id
)
INSERT INTO webhook_attempt (id, municipality_id, webhook_id, seq, at, took_ms, status, error, answer)
SELECT %(id)s, municipality_id, %(webhook)s, %(seq)s, %(now)s, %(took)s, %(status)s, %(error)s, %(answer)s FROM settled
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased delivery with its entry of the feed; `ref` is None where that is no longer kept."""

    webhook_id: UUID
    municipality_id: int
    seq: int
    attempts: int
    lease: UUID
    url: str
    sender_id: UUID | None
    table_name: str | None
    ref: UUID | None
    topic: str | None
    subject: UUID | None
    data: dict[str, Any] | None
    at: datetime | None
    sequenced_at: datetime | None


async def webhooks_due(connection: AsyncConnection) -> list[UUID]:
    """The active webhooks for which something is due."""
    cursor = await connection.execute(_DUE, (clock.now(),))
    return [row[0] for row in await cursor.fetchall()]


async def claim(connection: AsyncConnection, webhook_id: UUID) -> list[Claimed]:
    """Leases up to `AT_ONCE` due deliveries of a webhook for `LEASE`; of each key only the oldest that is pending."""
    now = clock.now()
    values = {"webhook": webhook_id, "now": now, "until": now + LEASE, "lease": uuid4(), "limit": AT_ONCE}
    async with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()


async def settle(connection: AsyncConnection, one: Claimed, answer: Answer | None, error: str = "") -> str:
    """Writes down what a try came to, unless the lease is no longer ours; the delivery's state after it.

    Done with a 2xx; otherwise tried again as `retries` says, and dead after the last try.
    """
    now, wait = clock.now(), next_wait(one.attempts)
    taken = answer is not None and 200 <= answer.status < 300
    gone = answer is not None and answer.status == GONE
    # Whoever says 410 is asked no more; if somebody resumes the webhook, it begins with this message.
    state = "done" if taken else "pending" if gone or wait is not None else "dead"
    values: dict[str, Any] = {"webhook": one.webhook_id, "seq": one.seq, "lease": one.lease, "state": state, "now": now}
    values |= {"id": new_id(), "due": now + (wait or timedelta(0)), "error": without_rows(error)[:500]}
    values |= {"took": answer.took_ms if answer else 0, "status": answer.status if answer else None}
    await connection.execute(_SETTLE, values | {"answer": answer.text if answer else ""})
    return state


async def bury(connection: AsyncConnection, one: Claimed) -> None:
    """Gives up a delivery whose entry the feed no longer keeps."""
    await connection.execute(
        "UPDATE webhook_delivery SET state = 'dead', ended_at = %s, lease = NULL WHERE webhook_id = %s AND seq = %s"
        " AND lease = %s",
        (clock.now(), one.webhook_id, one.seq, one.lease),
    )


async def drop(connection: AsyncConnection, one: Claimed) -> None:
    """Takes away a delivery that does not concern its receiver."""
    await connection.execute(
        "DELETE FROM webhook_delivery WHERE webhook_id = %s AND seq = %s AND lease = %s",
        (one.webhook_id, one.seq, one.lease),
    )

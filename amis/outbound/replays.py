"""Sending again: one delivery, all dead ones of a webhook, or everything of its topics in a range of the feed."""

from uuid import UUID

from sqlalchemy import text

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.outbound import store
from amis.outbound.errors import DeliveryUnknown, ReplayEmpty, WebhookStateWrong
from amis.outbound.models import Webhook

MOST = 100_000
"""Entries of the feed in one range."""
_AGAIN = (
    "UPDATE webhook_delivery SET state = 'pending', attempts = 0, due_at = :at, lease = NULL, ended_at = NULL"
    " WHERE municipality_id = :own AND webhook_id = :webhook AND state <> 'pending'"
)
# The feed is what there is to send; of what was sent before, the row is there already.
_RANGE = """
INSERT INTO webhook_delivery (municipality_id, webhook_id, seq, topic, key, state, due_at, made_at)
SELECT feed.municipality_id, webhook.id, feed.seq, feed.topic, coalesce(subject, ref)::text, 'pending', :at, :at
FROM webhook JOIN feed USING (municipality_id)
WHERE webhook.id = :webhook AND municipality_id = :own AND feed.seq BETWEEN :first AND :last
    AND feed.topic = ANY (webhook.topics)
    AND (sender_id IS NULL OR NOT starts_with(feed.topic, 'notice.') OR data ->> 'sender_id' = sender_id::text)
ON CONFLICT (webhook_id, seq) DO UPDATE SET state = 'pending', attempts = 0, due_at = :at, lease = NULL, ended_at = NULL
    WHERE webhook_delivery.state <> 'pending'
"""


async def replay_one(tx: Transaction, webhook_id: UUID, seq: int) -> None:
    """Sends one delivery again, whether it was taken or is dead.

    Raises:
        WebhookUnknown, WebhookStateWrong, DeliveryUnknown: it is not there, or still pending.
    """
    await _sendable(tx, webhook_id)
    if not await _run(tx, webhook_id, _AGAIN + " AND seq = :seq", seq=seq):
        raise DeliveryUnknown
    await audit.record(tx, "webhook.replay", ("webhook", webhook_id), after={"seq": seq})


async def replay_dead(tx: Transaction, webhook_id: UUID) -> int:
    """Sends all dead deliveries of a webhook again; how many.

    Raises:
        WebhookUnknown, WebhookStateWrong, ReplayEmpty
    """
    await _sendable(tx, webhook_id)
    count = await _run(tx, webhook_id, _AGAIN + " AND state = 'dead'")
    if not count:
        raise ReplayEmpty
    await audit.record(tx, "webhook.replay", ("webhook", webhook_id), after={"dead": count})
    return count


async def replay_range(tx: Transaction, webhook_id: UUID, first: int, last: int) -> int:
    """Sends what lies between two numbers of the feed, both included, if it is of the webhook's topics; how many.

    Raises:
        WebhookUnknown, WebhookStateWrong
        ReplayEmpty: nothing is there, or more than `MOST`.
    """
    webhook = await _sendable(tx, webhook_id)
    # Beyond the cursor everything is going to be sent anyway.
    last = min(last, webhook.cursor)
    if not 0 <= last - first < MOST:
        raise ReplayEmpty(pointer="/last")
    count = await _run(tx, webhook_id, _RANGE, first=first, last=last)
    if not count:
        raise ReplayEmpty(pointer="/last")
    await audit.record(
        tx, "webhook.replay", ("webhook", webhook_id), after={"first": first, "last": last, "count": count}
    )
    return count


async def _sendable(tx: Transaction, webhook_id: UUID) -> Webhook:
    webhook = await store.get_webhook(tx, webhook_id)
    if webhook.state not in ("active", "paused"):
        raise WebhookStateWrong(webhook.state)
    return webhook


async def _run(tx: Transaction, webhook_id: UUID, statement: str, **values: int) -> int:
    named = {"own": tx.municipality_id, "webhook": webhook_id, "at": tx.at, **values}
    connection = await tx.session.connection()
    return (await connection.execute(text(statement), named)).rowcount

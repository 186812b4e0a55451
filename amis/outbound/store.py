"""Reads of what flows out: readers of the feed, webhooks, their deliveries and tries, a source's names for persons."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from amis.intake.models import Sender
from amis.kernel.db import Transaction
from amis.kernel.feed import Entry
from amis.outbound.errors import DeliveryUnknown, WebhookUnknown
from amis.outbound.models import Attempt, Delivery, FeedConsumer, Webhook, WebhookKey
from amis.register.models import Fact


@dataclass(frozen=True, slots=True)
class Standing:
    """A webhook with how many deliveries wait, how many are dead, and when the oldest that waits was made."""

    webhook: Webhook
    pending: int
    dead: int
    oldest: datetime | None


async def consumers(tx: Transaction) -> Sequence[FeedConsumer]:
    """Who has read the municipality's feed, the last first."""
    own = FeedConsumer.municipality_id == tx.municipality_id
    return (await tx.session.scalars(select(FeedConsumer).where(own).order_by(FeedConsumer.asked_at.desc()))).all()


async def webhooks(tx: Transaction) -> list[Standing]:
    """The municipality's webhooks that have not ended first, each with how its deliveries stand."""
    return await _standings(tx)


async def get_standing(tx: Transaction, webhook_id: UUID) -> Standing:
    """One webhook of the municipality with how its deliveries stand.

    Raises:
        WebhookUnknown
    """
    for standing in await _standings(tx, webhook_id):
        return standing
    raise WebhookUnknown


async def _standings(tx: Transaction, only: UUID | None = None) -> list[Standing]:
    pending = func.count().filter(Delivery.state == "pending")
    dead = func.count().filter(Delivery.state == "dead")
    oldest = func.min(Delivery.made_at).filter(Delivery.state == "pending")
    counted = (
        select(Delivery.webhook_id, pending.label("pending"), dead.label("dead"), oldest.label("oldest"))
        .where(Delivery.municipality_id == tx.municipality_id, Delivery.state != "done")
        .group_by(Delivery.webhook_id)
        .subquery()
    )
    narrowed = () if only is None else (Webhook.id == only,)
    rows = await tx.session.execute(
        select(Webhook, counted.c.pending, counted.c.dead, counted.c.oldest)
        .outerjoin(counted, counted.c.webhook_id == Webhook.id)
        .where(Webhook.municipality_id == tx.municipality_id, *narrowed)
        .order_by(Webhook.state == "ended", Webhook.label, Webhook.id)
    )
    return [Standing(webhook, open_ or 0, lost or 0, since) for webhook, open_, lost, since in rows]


async def get_webhook(tx: Transaction, webhook_id: UUID) -> Webhook:
    """One webhook of the municipality.

    Raises:
        WebhookUnknown
    """
    found = await tx.session.scalar(
        select(Webhook).where(Webhook.id == webhook_id, Webhook.municipality_id == tx.municipality_id)
    )
    if found is None:
        raise WebhookUnknown
    return found


async def keys(tx: Transaction, webhook_id: UUID) -> Sequence[WebhookKey]:
    """The keys that sign what the webhook is sent now, oldest first."""
    own = and_(WebhookKey.municipality_id == tx.municipality_id, WebhookKey.webhook_id == webhook_id)
    live = (WebhookKey.ends_at.is_(None)) | (WebhookKey.ends_at > tx.at)
    query = select(WebhookKey).where(own, live).order_by(WebhookKey.made_at, WebhookKey.version)
    return (await tx.session.scalars(query)).all()


async def deliveries(tx: Transaction, webhook_id: UUID, state: str, limit: int = 50) -> Sequence[Delivery]:
    """The newest deliveries of a webhook in a state."""
    own = and_(Delivery.municipality_id == tx.municipality_id, Delivery.webhook_id == webhook_id)
    query = select(Delivery).where(own, Delivery.state == state).order_by(Delivery.seq.desc()).limit(limit)
    return (await tx.session.scalars(query)).all()


async def get_delivery(tx: Transaction, webhook_id: UUID, seq: int) -> tuple[Delivery, Sequence[Attempt]]:
    """A delivery with every try, newest first.

    Raises:
        DeliveryUnknown
    """
    own = and_(Delivery.municipality_id == tx.municipality_id, Delivery.webhook_id == webhook_id)
    found = await tx.session.scalar(select(Delivery).where(own, Delivery.seq == seq))
    if found is None:
        raise DeliveryUnknown
    tried = select(Attempt).where(Attempt.webhook_id == webhook_id, Attempt.seq == seq).order_by(Attempt.at.desc())
    return found, (await tx.session.scalars(tried)).all()


async def senders(tx: Transaction) -> list[tuple[UUID, str]]:
    """The municipality's senders: id and name."""
    own = Sender.municipality_id == tx.municipality_id
    rows = await tx.session.execute(select(Sender.id, Sender.label).where(own).order_by(Sender.label, Sender.id))
    return [(sender_id, label) for sender_id, label in rows]


async def sender_label(tx: Transaction, sender_id: UUID | None) -> str | None:
    """What a sender is called; None for no sender."""
    own = and_(Sender.municipality_id == tx.municipality_id, Sender.id == sender_id)
    return await tx.session.scalar(select(Sender.label).where(own)) if sender_id else None


async def sources_of_machine(tx: Transaction, machine_id: UUID) -> dict[str, str]:
    """For which senders a machine speaks: their ids with their sources."""
    own = and_(Sender.municipality_id == tx.municipality_id, Sender.machine_id == machine_id)
    return {
        str(sender_id): source
        for sender_id, source in await tx.session.execute(select(Sender.id, Sender.source).where(own))
    }


async def records_of(tx: Transaction, sources: Collection[str], entries: Collection[Entry]) -> dict[UUID, list[str]]:
    """By person of these entries, the ids of what the sources have stated of them."""
    persons = {entry.subject for entry in entries if entry.subject is not None}
    if not persons:
        return {}
    rows = await tx.session.execute(
        select(Fact.person_id, func.array_agg(Fact.record_id.distinct()))
        .where(Fact.municipality_id == tx.municipality_id, Fact.person_id.in_(persons), Fact.source.in_(sources))
        .group_by(Fact.person_id)
    )
    return {person: sorted(records) for person, records in rows}


def records_for(entry: Entry, known: Mapping[UUID, Sequence[str]] | None) -> Sequence[str] | None:
    """What a source is told of an entry's person: its own record ids, if any; None where nobody or no source is."""
    if known is None or entry.subject is None:
        return None
    return known.get(entry.subject, [])

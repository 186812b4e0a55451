"""Batches as people and senders decide on them: received, released, refused, cancelled."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import delete, select

from amis.intake.batch_models import Batch, BatchRecord
from amis.intake.errors import BatchDecided, BatchUnknown, SnapshotPointMissing
from amis.intake.models import Sender
from amis.intake.quarantine import worded
from amis.intake.raw_files import Stored
from amis.kernel import audit
from amis.kernel.db import Transaction

KEPT = timedelta(days=60)
"""How long the file itself is kept; its digest and what became of its rows stay."""
STUCK = 5
"""Attempts in which a batch did not move on, after which people may give it up although part of it is applied."""
BATCHES = Counter("amis_batches", "Batches, by what was last said of them", ["state"])


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a file came: `kind` delta | snapshot (with `as_of`), `via` api | upload | pull | spdci.

    `key` names the file so that it is taken once; `fingerprint` is that of the key of the machine that sent it.
    """

    kind: str
    format: str
    via: str
    as_of: int | None = None
    gzip: bool = False
    key: str | None = None
    name: str = ""
    key_id: UUID | None = None
    fingerprint: str | None = None


async def receive(tx: Transaction, sender: Sender, stored: Stored, delivery: Delivery) -> Batch:
    """Takes a stored file into the queue of its sender.

    Raises:
        SnapshotPointMissing
        sqlalchemy.exc.IntegrityError: another file has come under this key in the meantime.
    """
    check_kind(delivery.kind, delivery.as_of)
    batch = _received(tx, sender, stored, delivery)
    tx.session.add(batch)
    sender.heard_at = tx.at
    await tx.session.flush()
    about = {"source": sender.source, "kind": batch.kind, "as_of": batch.as_of, "sha256": stored.sha256.hex()}
    await audit.record(tx, "notice_batch.receive", ("notice_batch", batch.id), after=about | {"via": batch.via})
    BATCHES.labels("received").inc()
    return batch


def check_kind(kind: str, as_of: int | None) -> None:
    """A snapshot says when it was taken.

    Raises:
        SnapshotPointMissing
    """
    if (kind == "snapshot") != (as_of is not None):
        raise SnapshotPointMissing(pointer="/as_of")


async def release(tx: Transaction, batch_id: UUID, reason: str | None = None) -> Batch:
    """Lets a held snapshot be applied, whatever it withdraws: it takes its place at the end of the queue.

    Raises:
        ReasonMissing: one is given that says nothing.
        BatchUnknown, BatchDecided
    """
    said = "" if reason is None else worded(reason)
    batch = await lock(tx, batch_id)
    _check(batch, may=batch.state == "held")
    await _move(tx, batch, "received", "notice_batch.release", said)
    batch.decided_by, batch.queued_at = tx.actor.id, tx.at
    return batch


async def refuse_held(tx: Transaction, batch_id: UUID, reason: str) -> Batch:
    """Closes a held snapshot without applying anything of it.

    Raises:
        ReasonMissing, BatchUnknown, BatchDecided
    """
    said, batch = worded(reason), await lock(tx, batch_id)
    _check(batch, may=batch.state == "held")
    return await _close(tx, batch, "refused", "notice_batch.refuse", said)


async def cancel(tx: Transaction, batch_id: UUID, reason: str) -> Batch:
    """Takes back a batch of which nothing was applied yet, or gives one up that is stuck; what it did then stays.

    Raises:
        ReasonMissing, BatchUnknown, BatchDecided
    """
    said, batch = worded(reason), await lock(tx, batch_id)
    _check(batch, may=is_cancellable(batch))
    return await _close(tx, batch, "cancelled", "notice_batch.cancel", said)


def is_cancellable(batch: Batch) -> bool:
    """Whether a batch can be taken back or given up."""
    return batch.state in ("received", "checking", "held") or (batch.state == "applying" and batch.attempts >= STUCK)


async def lock(tx: Transaction, batch_id: UUID) -> Batch:
    """A batch of this municipality, held against everybody else who would change it.

    Raises:
        BatchUnknown
    """
    query = select(Batch).where(Batch.municipality_id == tx.municipality_id, Batch.id == batch_id)
    batch = await tx.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if batch is None:
        raise BatchUnknown
    return batch


async def forget_names(tx: Transaction, batch_id: UUID) -> None:
    """Drops what was remembered of the records that a snapshot names."""
    await tx.session.execute(delete(BatchRecord).where(BatchRecord.batch_id == batch_id))


async def _close(tx: Transaction, batch: Batch, target: str, action: str, reason: str) -> Batch:
    await _move(tx, batch, target, action, reason)
    batch.decided_by, batch.ended_at, batch.lease = tx.actor.id, tx.at, None
    await forget_names(tx, batch.id)
    return batch


def _check(batch: Batch, *, may: bool) -> None:
    if not may:
        raise BatchDecided(batch.state)


async def _move(tx: Transaction, batch: Batch, target: str, action: str, reason: str) -> None:
    before, after = {"state": batch.state}, {"state": target}
    batch.state = target
    await audit.record(tx, action, ("notice_batch", batch.id), before=before, after=after, reason=reason)
    BATCHES.labels(target).inc()


def _received(tx: Transaction, sender: Sender, stored: Stored, delivery: Delivery) -> Batch:
    return Batch(
        id=stored.id,
        municipality_id=tx.municipality_id,
        sender_id=sender.id,
        key_id=delivery.key_id,
        key_fingerprint=delivery.fingerprint,
        actor=f"{tx.actor.kind} {tx.actor.id}",
        kind=delivery.kind,
        via=delivery.via,
        as_of=delivery.as_of,
        format=delivery.format,
        gzip=delivery.gzip,
        idempotency_key=delivery.key,
        sha256=stored.sha256,
        size=stored.size,
        name=delivery.name,
        state="received",
        raw_key=stored.wrapped,
        raw_until=tx.at + KEPT,
        received_at=tx.at,
        queued_at=tx.at,
    )

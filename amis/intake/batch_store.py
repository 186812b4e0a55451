"""Reads of batches: one, the newest, by the name that its sender gave it, and the rows of one by verdict."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from amis.intake.batch_models import Batch
from amis.intake.errors import BatchUnknown
from amis.intake.models import Arrival
from amis.kernel.db import Transaction

MOST_ROWS = 1000
"""Rows in one answer."""


async def get(tx: Transaction, batch_id: UUID, sender_ids: Sequence[UUID] | None = None) -> Batch:
    """One batch of this municipality, of one of these senders if any are named.

    Raises:
        BatchUnknown
    """
    query = select(Batch).where(Batch.municipality_id == tx.municipality_id, Batch.id == batch_id)
    batch = await tx.session.scalar(query)
    if batch is None or (sender_ids is not None and batch.sender_id not in sender_ids):
        raise BatchUnknown
    return batch


async def by_key(tx: Transaction, sender_id: UUID, key: str) -> Batch | None:
    """The batch that a sender sent under this name."""
    return await tx.session.scalar(
        select(Batch).where(
            Batch.municipality_id == tx.municipality_id, Batch.sender_id == sender_id, Batch.idempotency_key == key
        )
    )


async def newest(tx: Transaction, limit: int = 100, states: Sequence[str] = ()) -> Sequence[Batch]:
    """The newest batches of this municipality, newest first, in any of these states if any are named."""
    query = select(Batch).where(Batch.municipality_id == tx.municipality_id)
    if states:
        query = query.where(Batch.state.in_(states))
    return (await tx.session.scalars(query.order_by(Batch.received_at.desc(), Batch.id.desc()).limit(limit))).all()


async def rows(
    tx: Transaction, batch_id: UUID, verdict: str | None = None, after: int = 0, limit: int = MOST_ROWS
) -> Sequence[Arrival]:
    """Rows of a batch that did or would have done something, in the order of the file, from the one after `after` on.

    Rows that brought nothing new are only counted; what a snapshot withdrew is no row.
    """
    query = select(Arrival).where(
        Arrival.municipality_id == tx.municipality_id, Arrival.batch_id == batch_id, Arrival.row_no > after
    )
    if verdict is not None:
        query = query.where(Arrival.verdict == verdict)
    return (await tx.session.scalars(query.order_by(Arrival.row_no).limit(limit))).all()

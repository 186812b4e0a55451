"""Reads of orders to a bureau."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from amis.issuing.errors import BatchUnknown
from amis.issuing.models import Token
from amis.issuing.stock_models import BureauBatch, BureauItem
from amis.kernel.db import Transaction

SHOWN = 100
"""Orders that a list shows."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """An order with how many cards are in it, came, and were spoiled."""

    batch: BureauBatch
    cards: int
    produced: int
    spoiled: int


@dataclass(frozen=True, slots=True)
class BatchCard:
    """One card of an order."""

    item: BureauItem
    token: Token


async def list_batches(tx: Transaction) -> list[BatchLine]:
    """The newest orders, newest first."""
    made, lost = (func.count().filter(BureauItem.result == result) for result in ("produced", "spoiled"))
    query = (
        select(BureauBatch, func.count(), made, lost)
        .join(BureauItem, BureauItem.batch_id == BureauBatch.id)
        .where(BureauBatch.municipality_id == tx.municipality_id)
        .group_by(BureauBatch.id)
        .order_by(BureauBatch.number.desc())
        .limit(SHOWN)
    )
    return [BatchLine(*row) for row in await tx.session.execute(query)]


async def get_batch(tx: Transaction, batch_id: UUID) -> BureauBatch:
    """One order.

    Raises:
        BatchUnknown
    """
    return await _batch(tx, batch_id, locked=False)


async def lock_batch(tx: Transaction, batch_id: UUID) -> BureauBatch:
    """One order, locked until the end of the transaction.

    Raises:
        BatchUnknown
    """
    return await _batch(tx, batch_id, locked=True)


async def _batch(tx: Transaction, batch_id: UUID, *, locked: bool) -> BureauBatch:
    query = select(BureauBatch).where(BureauBatch.municipality_id == tx.municipality_id, BureauBatch.id == batch_id)
    chosen = query.with_for_update() if locked else query
    batch = await tx.session.scalar(chosen.execution_options(populate_existing=True))
    if batch is None:
        raise BatchUnknown
    return batch


async def batch_cards(tx: Transaction, batch_id: UUID) -> Sequence[BatchCard]:
    """The cards of an order by line."""
    query = (
        select(BureauItem, Token)
        .join(Token, Token.id == BureauItem.token_id)
        .where(BureauItem.municipality_id == tx.municipality_id, BureauItem.batch_id == batch_id)
        .order_by(BureauItem.line)
        .execution_options(populate_existing=True)
    )
    return [BatchCard(*row) for row in await tx.session.execute(query)]

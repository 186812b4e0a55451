"""Reads of the stock of blank cards: what lies where, and how it came and went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from amis.issuing.card_models import Desk
from amis.issuing.stock_models import StockMovement
from amis.kernel.db import Transaction

MOST_SHOWN = 200
"""Movements that a list shows."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How many blank cards of a product lie at a desk; `desk_id` None is the store. `counted_at`: the last count."""

    desk_id: UUID | None
    desk: str
    product: str
    pieces: int
    counted_at: datetime | None


async def balance(tx: Transaction, desk_id: UUID | None, product: str) -> int:
    """How many cards of a product the books say lie at a desk, or without one in the store."""
    movement = StockMovement
    query = select(func.coalesce(func.sum(movement.pieces), 0)).where(
        movement.municipality_id == tx.municipality_id,
        movement.product == product,
        movement.desk_id == desk_id,
    )
    return int(await tx.session.scalar(query) or 0)


async def balances(tx: Transaction) -> list[Balance]:
    """What lies where: the store first, then the desks by name."""
    movement = StockMovement
    counted_at = func.max(movement.at).filter(movement.kind == "counted")
    query = (
        select(movement.desk_id, func.coalesce(Desk.name, ""), movement.product, func.sum(movement.pieces), counted_at)
        .outerjoin(Desk, Desk.id == movement.desk_id)
        .where(movement.municipality_id == tx.municipality_id)
        .group_by(movement.desk_id, Desk.name, movement.product)
        .order_by(movement.desk_id.is_not(None), Desk.name, movement.product)
    )
    return [Balance(*row) for row in await tx.session.execute(query)]


async def movements(tx: Transaction) -> Sequence[StockMovement]:
    """The newest movements, newest first."""
    query = select(StockMovement).where(StockMovement.municipality_id == tx.municipality_id)
    newest = query.order_by(StockMovement.at.desc(), StockMovement.id.desc()).limit(MOST_SHOWN)
    return (await tx.session.scalars(newest)).all()

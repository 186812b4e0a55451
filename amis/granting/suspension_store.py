"""Reads of suspension orders: those in force, those in a list, and the concessions they rest."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from amis.concessions.models import Concession
from amis.granting.errors import OrderUnknown
from amis.granting.models import Entitlement, GrantRule, SuspensionOrder
from amis.granting.suspending import Order, exemptions_from
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register import store as register
from rules.period import Period
from rules.vocabulary import Vocabulary

_ORDERS = "granting.orders"


async def orders(tx: Transaction) -> tuple[Order, ...]:
    """The orders in force that concern persons of this municipality: its own and the state's, by code.

    Read once in a transaction.
    """
    known: tuple[Order, ...] | None = tx.session.info.get(_ORDERS)
    if known is None:
        known = tx.session.info[_ORDERS] = await _orders(tx)
    return known


def forget_orders(tx: Transaction) -> None:
    """The orders have changed in this transaction."""
    tx.session.info.pop(_ORDERS, None)


async def _orders(tx: Transaction) -> tuple[Order, ...]:
    query = select(SuspensionOrder).where(_readable(tx), SuspensionOrder.state == "active")
    rows = (await tx.session.scalars(query.order_by(SuspensionOrder.code, SuspensionOrder.municipality_id))).all()
    vocabulary = await register.vocabulary(tx) if rows else None
    return tuple(order_of(row, vocabulary) for row in rows if vocabulary is not None)


def order_of(row: SuspensionOrder, vocabulary: Vocabulary) -> Order:
    """The order that a row keeps."""
    exemptions = exemptions_from(row.exceptions, vocabulary)
    period = Period(row.valid_from, row.valid_to)
    return Order(row.code, row.municipality_id, tuple(row.concessions), period, exemptions)


def _readable(tx: Transaction) -> ColumnElement[bool]:
    return SuspensionOrder.municipality_id.in_({STATE, tx.municipality_id})


async def list_orders(tx: Transaction) -> list[SuspensionOrder]:
    """Own orders and the state's, the latest first."""
    query = select(SuspensionOrder).where(_readable(tx)).execution_options(populate_existing=True)
    return list(await tx.session.scalars(query.order_by(SuspensionOrder.valid_from.desc(), SuspensionOrder.code)))


async def get_order(tx: Transaction, order_id: UUID) -> SuspensionOrder:
    """One order.

    Raises:
        OrderUnknown
    """
    query = select(SuspensionOrder).where(_readable(tx), SuspensionOrder.id == order_id)
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise OrderUnknown
    return row


async def concessions(tx: Transaction) -> list[Concession]:
    """The concessions readable here, by grantor and code."""
    readable = Concession.municipality_id.in_({STATE, tx.municipality_id})
    order = Concession.municipality_id, Concession.code
    return list(await tx.session.scalars(select(Concession).where(readable).order_by(*order)))


async def covered(tx: Transaction, order: Order) -> list[Concession]:
    """The concessions readable here that the order rests, by grantor and code."""
    return [row for row in await concessions(tx) if order.covers(row.code, row.municipality_id)]


async def rules_of(tx: Transaction, order: Order) -> list[UUID]:
    """The rules that grant what the order rests."""
    ids = [row.id for row in await covered(tx, order)]
    query = select(GrantRule.id).where(GrantRule.concession_id.in_(ids), GrantRule.state == "active")
    return list(await tx.session.scalars(query.order_by(GrantRule.code)))


async def rested(tx: Transaction, concession_ids: list[UUID], first: date, end: date | None) -> int:
    """How many persons of this municipality cannot use one of the concessions on a day of `[first, end)`."""
    query = select(func.count(Entitlement.person_id.distinct())).where(
        Entitlement.municipality_id == tx.municipality_id,
        Entitlement.concession_id.in_(concession_ids),
        Entitlement.suspended.op("&&")(func.daterange(first, end)),
    )
    return await tx.session.scalar(query) or 0

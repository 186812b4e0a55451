"""Months of settlement: closing one, and the open month into which a correction goes."""

from datetime import date

from sqlalchemy import func, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.locks import Lock
from amis.reporting.errors import MonthClosed, MonthNotOver
from amis.reporting.models import SettlementMonth
from amis.reporting.scope import month_text, shifted


async def close_month(tx: Transaction, month: date) -> None:
    """Closes a month that is over, and with it all before it; corrections of its uses go into the next open one.

    Raises:
        MonthNotOver, MonthClosed
    """
    await tx.session.execute(select(func.pg_advisory_xact_lock(int(Lock.SETTLEMENT), tx.municipality_id)))
    if shifted(month, 1) > tx.day:
        raise MonthNotOver
    closed = await closed_through(tx)
    if closed is not None and month <= closed:
        raise MonthClosed
    row = SettlementMonth(municipality_id=tx.municipality_id, month=month, closed_at=tx.at, closed_by=tx.actor.id)
    tx.session.add(row)
    await audit.record(tx, "settlement.close", ("settlement_month", month_text(month)), after={"state": "closed"})


async def closed_through(tx: Transaction) -> date | None:
    """The last closed month, as its first day."""
    return await tx.session.scalar(
        select(func.max(SettlementMonth.month)).where(SettlementMonth.municipality_id == tx.municipality_id)
    )


async def open_month(tx: Transaction, day: date) -> date:
    """The month into which a correction of a use of `day` goes: the use's own, or the first that is still open."""
    own, closed = day.replace(day=1), await closed_through(tx)
    return own if closed is None else max(own, shifted(closed, 1))


async def hold_months(tx: Transaction) -> None:
    """No month is closed until this transaction ends."""
    await tx.session.execute(select(func.pg_advisory_xact_lock_shared(int(Lock.SETTLEMENT), tx.municipality_id)))

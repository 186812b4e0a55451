"""Tables of the room: the monthly sums of uses, closed months, and what was decided on uses without a right."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class UseMonth(Base):
    """Uses of one concession at one provider in one month of local business days; amounts in euros.

    It holds every use whose transaction lies below the mark in `use_month_mark`; reversals are subtracted. A use that
    several funders share counts for each, and is `repeated` for all but the first.
    """

    __tablename__ = "use_month"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(primary_key=True)
    concession_id: Mapped[UUID] = mapped_column(primary_key=True)
    funder: Mapped[str] = mapped_column(primary_key=True)
    grantor_id: Mapped[int]
    uses: Mapped[int]
    repeated: Mapped[int]
    gross: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    payable: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    discount: Mapped[Decimal] = mapped_column(Numeric(18, 4))


class SettlementMonth(Base):
    """A month that is settled: nothing more is put into it, nor into any before it."""

    __tablename__ = "settlement_month"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


class SettlementAdjustment(Base):
    """Discount that a funder gave at a provider without a right, in euros: recovered in `month`, or written off.

    `cause_log_id` is the change of an entitlement by which the right was found to be missing. Where several funders
    share a concession, each has a row with its part, and all rows count the same uses.
    """

    __tablename__ = "settlement_adjustment"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    grantor_id: Mapped[int]
    month: Mapped[date]
    provider_id: Mapped[UUID]
    concession_id: Mapped[UUID]
    funder: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    uses: Mapped[int]
    cause_log_id: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]


class SettledUse(Base):
    """A use on which was decided, once."""

    __tablename__ = "settled_use"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    use_id: Mapped[UUID] = mapped_column(primary_key=True)
    cause_log_id: Mapped[UUID]

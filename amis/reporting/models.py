"""Tables of the room: the monthly sums of uses."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class UseMonth(Base):
    """Uses of one concession at one provider in one month of local business days; amounts in euros.

    It holds every use whose transaction lies below the mark in `use_month_mark`; reversals are subtracted.
    """

    __tablename__ = "use_month"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(primary_key=True)
    concession_id: Mapped[UUID] = mapped_column(primary_key=True)
    funder: Mapped[str] = mapped_column(primary_key=True)
    grantor_id: Mapped[int]
    uses: Mapped[int]
    gross: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    payable: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    discount: Mapped[Decimal] = mapped_column(Numeric(18, 4))

"""Tables of the work around cards: blank cards, orders to a bureau, print jobs, campaigns of renewal."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class StockMovement(Base):
    """Blank cards that came (`pieces` above zero) or went (below); without a desk, those of the store."""

    __tablename__ = "stock_movement"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    desk_id: Mapped[UUID | None]
    product: Mapped[str]
    kind: Mapped[str]
    pieces: Mapped[int]
    at: Mapped[datetime]
    moved_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    token_id: Mapped[UUID | None]


class BureauBatch(Base):
    """Cards that a bureau prints together; `number` counts in a municipality."""

    __tablename__ = "bureau_batch"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    product: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class BureauItem(Base):
    """One card of a batch at its line of the file; `result` and `uid` are what the bureau answered."""

    __tablename__ = "bureau_item"
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    municipality_id: Mapped[int]
    token_id: Mapped[UUID]
    result: Mapped[str | None]
    uid: Mapped[bytes | None]
    note: Mapped[str] = mapped_column(default="")


class PrintJob(Base):
    """A card face or a letter that a desk's printer is to print."""

    __tablename__ = "print_job"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    desk_id: Mapped[UUID]
    token_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str]
    message: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Campaign(Base):
    """A mass renewal of the cards of a product that expire up to `expiring_to`; they are kept until `keep_until`."""

    __tablename__ = "campaign"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    name: Mapped[str]
    product: Mapped[str]
    expiring_to: Mapped[date]
    keep_until: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[str]

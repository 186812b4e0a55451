"""Tables of making cards: who asked for one, with which picture, at which desk, and what was done to the chip."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Desk(Base):
    """Where cards are made and handed over: a machine of kind desk; `printer` is its CUPS queue, empty = none."""

    __tablename__ = "desk"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    printer: Mapped[str] = mapped_column(default="")


class Photo(Base):
    """A person's picture, a JPEG of 413 x 531 pixels sealed with the person's own key; `sha256` is of the JPEG."""

    __tablename__ = "photo"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    sealed: Mapped[bytes]
    sha256: Mapped[bytes]
    taken_at: Mapped[datetime]
    source: Mapped[str]


class TokenApplication(Base):
    """What a card is made for: who asked, why, what it costs and who decided.

    `product` is the code of a card product; `fee` euros after the `waiver`, empty = none; `decision` what was said.
    """

    __tablename__ = "token_application"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    product: Mapped[str]
    reason: Mapped[str]
    channel: Mapped[str]
    applicant_id: Mapped[UUID | None]
    delivery: Mapped[str]
    desk_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    replaces: Mapped[UUID | None]
    photo_id: Mapped[UUID | None]
    fee: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    waiver: Mapped[str] = mapped_column(default="")
    police_reference: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str] = mapped_column(default="")
    paid_at: Mapped[datetime | None]


class CardOperation(Base):
    """One work on one chip at a desk, written before the first key of the chip changes.

    `sent` counts APDUs; `message` is a code of desk_words, `detail` what belongs to it; `stop_asked` a wish to end it.
    """

    __tablename__ = "card_operation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    desk_id: Mapped[UUID]
    token_id: Mapped[UUID | None]
    kind: Mapped[str]
    uid: Mapped[bytes | None]
    reader: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    sent: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    keyset: Mapped[int | None] = mapped_column(SmallInteger)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    stop_asked: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[str] = mapped_column(default="")

"""Tables of the ledger as the naive endpoint maps them; the lanes write these past the ORM."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class TapKeyRow(Base):
    """An answer by its key."""

    __tablename__ = "tap_key"
    terminal_id: Mapped[UUID] = mapped_column(primary_key=True)
    pairing: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    body_sha256: Mapped[bytes]
    answer: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    use_id: Mapped[UUID | None]


class CounterRow(Base):
    """Units of a quota that were used in one window."""

    __tablename__ = "quota_counter"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    concession_id: Mapped[UUID] = mapped_column(primary_key=True)
    window_start: Mapped[date] = mapped_column(primary_key=True)
    per: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
    lim: Mapped[int]


class LastTapRow(Base):
    """The newest use of a token."""

    __tablename__ = "last_tap"
    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    use_id: Mapped[UUID]
    previous: Mapped[UUID | None]
    at: Mapped[datetime]
    place_id: Mapped[UUID]
    terminal_id: Mapped[UUID]

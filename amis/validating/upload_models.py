"""What uploads leave for people: conflicts, units set aside, amnesties."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class ConflictRow(Base):
    """What is wrong with a tap that a terminal decided alone; people settle it.

    `detail` holds what the terminal `said` and what the register `found`; `use_id` the use that it is about, where
    there is one. Without a holder it has the municipality of the concession, or none.
    """

    __tablename__ = "conflict"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None]
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    terminal_id: Mapped[UUID] = mapped_column(ForeignKey("terminal.machine_id"))
    pairing: Mapped[int]
    seq: Mapped[int]
    use_id: Mapped[UUID | None]
    use_at: Mapped[datetime]
    token_id: Mapped[UUID | None]
    kind: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    note: Mapped[str]


class ReserveRow(Base):
    """Units of a quota that only one terminal can use, or that lie on the chip `card_uid`, put there by the terminal.

    `units` were taken from the counter, `used` are recorded.
    """

    __tablename__ = "quota_reserve"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    terminal_id: Mapped[UUID] = mapped_column(ForeignKey("terminal.machine_id"))
    pairing: Mapped[int]
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    token_id: Mapped[UUID]
    concession_id: Mapped[UUID]
    per: Mapped[str]
    window_start: Mapped[date]
    units: Mapped[int]
    used: Mapped[int]
    until: Mapped[datetime]
    state: Mapped[str]
    at: Mapped[datetime]
    card_uid: Mapped[bytes | None]


class Amnesty(Base):
    """Days on which blocked and ended tokens of a municipality are still taken; `until_day` is the first day after."""

    __tablename__ = "amnesty"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    from_day: Mapped[date]
    until_day: Mapped[date]
    note: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]

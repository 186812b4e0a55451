"""Tables of the intake: senders and their keys, the ledger of records, every arrival, and what waits for a person."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Sender(Base):
    """A system that may send notices for one municipality under one CloudEvents source."""

    __tablename__ = "sender"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    source: Mapped[str]
    label: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    heard_at: Mapped[datetime | None]
    machine_id: Mapped[UUID | None]
    snapshot_as_of: Mapped[int | None] = mapped_column(BigInteger)
    profile: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    expect_every: Mapped[timedelta | None]
    heartbeat_at: Mapped[datetime | None]
    pending: Mapped[int | None] = mapped_column(BigInteger)


class SenderKey(Base):
    """A key that verifies the sender's signatures; several while one replaces another; `kid` names a registry's."""

    __tablename__ = "sender_key"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    sender_id: Mapped[UUID]
    wrapped: Mapped[bytes]
    kid: Mapped[str | None]
    state: Mapped[str]
    recorded_at: Mapped[datetime]


class LedgerRow(Base):
    """What is known of one record of a source: its newest version, and whether it stands."""

    __tablename__ = "notice"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    op: Mapped[str]
    digest: Mapped[bytes]
    person_id: Mapped[UUID | None]
    arrival_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    of_status: Mapped[bool] = mapped_column(default=True)
    absent_as_of: Mapped[int | None] = mapped_column(BigInteger)
    code_index: Mapped[bytes | None]


class Arrival(Base):
    """One event as it arrived and what became of it; append-only, without the person's data."""

    __tablename__ = "notice_arrival"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    sender_id: Mapped[UUID]
    key_id: Mapped[UUID | None]
    message_id: Mapped[str]
    event_id: Mapped[str | None]
    type: Mapped[str | None]
    record_id: Mapped[str | None]
    version: Mapped[int | None] = mapped_column(BigInteger)
    verdict: Mapped[str]
    error_code: Mapped[str | None]
    error_pointer: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    batch_id: Mapped[UUID | None]
    row_no: Mapped[int | None] = mapped_column(BigInteger)


class Quarantined(Base):
    """A message of which at least one event was refused, with its sealed bytes, until somebody has looked at it."""

    __tablename__ = "quarantine"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    sender_id: Mapped[UUID]
    message_id: Mapped[str]
    content_type: Mapped[str]
    sealed: Mapped[bytes]
    state: Mapped[str]
    received_at: Mapped[datetime]
    arrival_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None]
    row_no: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    corrected_by: Mapped[UUID | None]

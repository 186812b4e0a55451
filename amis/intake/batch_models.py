"""The table of batches: a file of rows that a sender handed over, how far it is taken and what became of its rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base
from sync.verdict import Verdict


class Batch(Base):
    """One file of rows; `next_row` counts those settled, and the counts by verdict add up to it."""

    __tablename__ = "batch"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    sender_id: Mapped[UUID]
    key_id: Mapped[UUID | None]
    key_fingerprint: Mapped[str | None]
    actor: Mapped[str]
    kind: Mapped[str]
    via: Mapped[str]
    as_of: Mapped[int | None] = mapped_column(BigInteger)
    format: Mapped[str]
    gzip: Mapped[bool]
    idempotency_key: Mapped[str | None]
    sha256: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    state: Mapped[str]
    total_rows: Mapped[int | None] = mapped_column(BigInteger)
    next_row: Mapped[int] = mapped_column(BigInteger, default=0)
    applied: Mapped[int] = mapped_column(BigInteger, default=0)
    unchanged: Mapped[int] = mapped_column(BigInteger, default=0)
    stale: Mapped[int] = mapped_column(BigInteger, default=0)
    conflict: Mapped[int] = mapped_column(BigInteger, default=0)
    rejected: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    unsupported: Mapped[int] = mapped_column(BigInteger, default=0)
    withdrawn: Mapped[int] = mapped_column(BigInteger, default=0)
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    diff: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    lease_pid: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    raw_key: Mapped[bytes]
    raw_until: Mapped[datetime]
    raw_gone_at: Mapped[datetime | None]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by verdict, and the records withdrawn because a snapshot does not name them."""
        return {name: getattr(self, name) for name in (*(verdict.value for verdict in Verdict), "withdrawn")}


class BatchRecord(Base):
    """A record that a snapshot names, while the snapshot is worked upon."""

    __tablename__ = "batch_record"
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    record_id: Mapped[str] = mapped_column(primary_key=True)

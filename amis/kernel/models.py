"""Tables of the ground floor: municipalities, the audit trail and the outbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base

STATE = 1
"""The state is a grantor like a municipality; its rows are readable by all of them."""


class Municipality(Base):
    """A grantor of concessions (atvieglojuma devējs) and the tenant of its rows; the state is number 1."""

    __tablename__ = "municipality"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    name_lv: Mapped[str]
    name_en: Mapped[str]


class AuditEntry(Base):
    """One change of state: who, what, why, before and after. Insert only; each row is a leaf of the tree.

    The database adds `xid`, the transaction id by which the sequencer orders leaves.
    """

    __tablename__ = "audit"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    municipality_id: Mapped[int | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    reason: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    request_id: Mapped[str]


class OutboxEntry(Base):
    """Something that happened and that a worker has to act upon; written in the transaction of its cause."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    municipality_id: Mapped[int]
    topic: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]

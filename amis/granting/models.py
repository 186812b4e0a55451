"""Tables of granting. Entitlements are derived from facts and rule versions and can be rebuilt from them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.granting.days import DayRanges
from amis.kernel.db import Base
from rules.period import Days


class GrantRule(Base):
    """What grants one concession; `municipality_id` is the grantor's, the state's rules hold for everybody."""

    __tablename__ = "grant_rule"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    concession_id: Mapped[UUID]
    state: Mapped[str]


class RuleVersion(Base):
    """A condition for the days `[valid_from, valid_to)`, immutable once active. Where two overlap, the newer holds."""

    __tablename__ = "rule_version"
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    condition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str]
    legal_clause: Mapped[str]
    state: Mapped[str]
    author: Mapped[str]
    approver: Mapped[str]
    published_at: Mapped[datetime]


class RuleRead(Base):
    """A fact kind (or `group:<code>`) that a version depends on."""

    __tablename__ = "rule_reads"
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]


class Entitlement(Base):
    """The days on which a rule gives a person its concession; a row exists only while there are such days.

    `from_day` and `until_day` (exclusive, None = open) are the hull of `periods`. `next_change` is the first change
    after the day on which the row was last written.
    """

    __tablename__ = "entitlement"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    concession_id: Mapped[UUID]
    grantor_id: Mapped[int]
    rule_version: Mapped[int]
    rule_sha256: Mapped[str]
    periods: Mapped[Days] = mapped_column(DayRanges)
    from_day: Mapped[date] = mapped_column(Computed("lower(periods)", persisted=True))
    until_day: Mapped[date | None] = mapped_column(Computed("upper(periods)", persisted=True))
    next_change: Mapped[date | None]
    changed_at: Mapped[datetime]


class EntitlementLog(Base):
    """One change of an entitlement: the days gained, the days lost, and what caused it. Insert only."""

    __tablename__ = "entitlement_log"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    concession_id: Mapped[UUID]
    gained: Mapped[Days] = mapped_column(DayRanges)
    lost: Mapped[Days] = mapped_column(DayRanges)
    cause: Mapped[str]
    cause_ref: Mapped[str]
    at: Mapped[datetime]

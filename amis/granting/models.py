"""Tables of granting. Entitlements are derived from facts and rule versions and can be rebuilt from them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.days import DayRanges
from amis.kernel.db import Base
from rules.period import EMPTY, Days


class GrantRule(Base):
    """What grants one concession; `municipality_id` is the grantor's, the state's rules hold for everybody."""

    __tablename__ = "grant_rule"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    concession_id: Mapped[UUID]
    state: Mapped[str]


class RuleVersion(Base):
    """A condition for the days `[valid_from, valid_to)` with its policies (`granting.effective`) and test cases.

    It is written and rewritten until it is published, and immutable from then on. Where two published ones overlap, the
    newer holds. From `retired_on` on it grants nothing, and no older one comes back for it.
    """

    __tablename__ = "rule_version"
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    condition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    on_becoming: Mapped[str] = mapped_column(default="automatic")
    on_ceasing: Mapped[str] = mapped_column(default="immediate_termination")
    grace_months: Mapped[int | None]
    sha256: Mapped[str]
    legal_clause: Mapped[str]
    cases: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    author: Mapped[str]
    approver: Mapped[str | None]
    published_at: Mapped[datetime | None]
    retired_on: Mapped[date | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class RuleRead(Base):
    """What a version depends on, of the person or of the relatives at the end of `via` (`child/parent`).

    `kind` is a fact kind, `born`, or `group:`, `param:`, `cohort:` or `calendar:` with a code.
    """

    __tablename__ = "rule_reads"
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    via: Mapped[str] = mapped_column(primary_key=True, default="")
    municipality_id: Mapped[int]


class Entitlement(Base):
    """The days on which a rule gives a person its concession; a row exists only while there are such days.

    `from_day` and `until_day` (exclusive, None = open) are the hull of `periods`. `next_change` is the first change
    after the day on which the row was last written. On `suspended` days an order rests the right, on `waived` days the
    fact that the terms name as their waiver holds; `kept` days are granted although the condition holds no longer, as
    the rule lets a period run to its end; `modes` are those the holder chose, empty = none was chosen.
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
    suspended: Mapped[Days] = mapped_column(DayRanges, default=EMPTY)
    waived: Mapped[Days] = mapped_column(DayRanges, default=EMPTY)
    kept: Mapped[Days] = mapped_column(DayRanges, default=EMPTY)
    modes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    next_change: Mapped[date | None]
    changed_at: Mapped[datetime]


class EntitlementLog(Base):
    """One change of an entitlement: the days gained, the days lost, and what caused it. Insert only.

    `change` says it in a word: begins, prolonged, shortened, ended, or changed (anything else, its use included). Each
    row is a leaf of the audit tree.
    """

    __tablename__ = "entitlement_log"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    concession_id: Mapped[UUID]
    rule_version: Mapped[int | None]
    change: Mapped[str]
    gained: Mapped[Days] = mapped_column(DayRanges)
    lost: Mapped[Days] = mapped_column(DayRanges)
    cause: Mapped[str]
    cause_ref: Mapped[str]
    at: Mapped[datetime]


class SuspensionOrder(Base):
    """An order that rests concessions on the days `[valid_from, valid_to)`, except for those whom it names.

    `concessions` are codes, `*` at the end standing for any ending. `exceptions` are
    `{"condition": tree, "from"?: day, "to"?: day}`.
    """

    __tablename__ = "suspension_order"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    legal_basis: Mapped[str]
    concessions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    exceptions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    state: Mapped[str]
    author: Mapped[str]
    approver: Mapped[str | None]
    published_at: Mapped[datetime | None]


class Application(Base):
    """What somebody asked for a person on a local day; `applicant_id` is who asked for them, None = they themselves.

    Once approved, the right starts on `starts_on`; `choice` is the mode that the holder chose.
    """

    __tablename__ = "application"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    concession_id: Mapped[UUID]
    applicant_id: Mapped[UUID | None]
    submitted_on: Mapped[date]
    choice: Mapped[str | None]
    state: Mapped[str]
    starts_on: Mapped[date | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

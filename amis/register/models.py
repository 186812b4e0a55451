"""Tables of the register. What names a person is sealed with that person's own key and found by keyed digests only."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.days import DayRanges
from amis.kernel.db import Base
from rules.period import Days


class Person(Base):
    """A person known to one municipality. `died` is the first day without rights; erasing destroys `subject_key`.

    One who turned out to be somebody else is `merged_into` them: the row stays, so that its id resolves for ever.
    """

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    born: Mapped[date | None]
    died: Mapped[date | None]
    subject_key: Mapped[bytes | None]
    name_sealed: Mapped[bytes | None]
    erased_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None]


class PersonCode(Base):
    """A personal code, present or past: each finds the person for ever, one is current.

    `home_id` is whose it was before persons were merged; None = it has always been `person_id`'s. One that came by a
    change of code was not `enrolled`.
    """

    __tablename__ = "person_code"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    code_index: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    sealed: Mapped[bytes]
    current: Mapped[bool]
    recorded_at: Mapped[datetime]
    home_id: Mapped[UUID | None]
    enrolled: Mapped[bool] = mapped_column(default=True)


class NamePrefix(Base):
    """The digest of the beginning of a word of a person's name."""

    __tablename__ = "name_prefix"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    prefix_index: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)


class FactKindRow(Base):
    """A kind of fact; `values` None takes any text, `when_missing` is rules.vocabulary.WhenMissing.

    `numeric`: each fact has a number. The names are what pages call it; empty, the code is shown.
    """

    __tablename__ = "fact_kind"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    when_missing: Mapped[str]
    numeric: Mapped[bool] = mapped_column(default=False)
    name_lv: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")


class Fact(Base):
    """One version of a stated fact: valid on `[valid_from, valid_to)`, believed in `[recorded_from, recorded_to)`.

    While a source of a higher rank speaks of the person and the kind, it is `shadowed`: kept, and not counted.
    """

    __tablename__ = "fact"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    value: Mapped[str]
    num: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_from: Mapped[datetime]
    recorded_to: Mapped[datetime | None]
    source: Mapped[str]
    record_id: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    closed_version: Mapped[int | None] = mapped_column(BigInteger)
    decision: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    shadowed: Mapped[bool] = mapped_column(default=False)


class SourceRank(Base):
    """How far a source is believed about a kind of fact; 0 is believed first."""

    __tablename__ = "source_rank"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int]


class Statement(Base):
    """What a record of a source now says of a person as such: the register derives from all of them what is so.

    `code_index` is the code under which the person was named. `day` and `value` depend on the kind: death (the day),
    code (`other_index` is the code from that day on), residence and household (the place from that day on, None =
    nowhere), merge and unmerge (`other_index` is a code of the other person).
    """

    __tablename__ = "person_statement"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[UUID]
    code_index: Mapped[bytes | None]
    other_index: Mapped[bytes | None]
    day: Mapped[date | None]
    value: Mapped[str | None]
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class PersonMerge(Base):
    """Two persons who turned out to be one, until `undone_at`.

    `merged_id` stood for its person and stands for `kept_id` since; `kept_home` and `merged_home` are whose codes were
    named. `moved` lists what went along and names no source as its owner. The rest is for the guard of the tables.
    """

    __tablename__ = "person_merge"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    kept_id: Mapped[UUID]
    merged_id: Mapped[UUID]
    kept_home: Mapped[UUID]
    merged_home: Mapped[UUID]
    source: Mapped[str]
    record_id: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    from_id: Mapped[UUID]
    to_id: Mapped[UUID]


class PersonGroup(Base):
    """A group of persons: a list, or with `condition` (the JSON of rules.condition) whoever meets that.

    `legal_name` is what the law calls them.
    """

    __tablename__ = "person_group"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    name_lv: Mapped[str]
    name_en: Mapped[str]
    legal_name: Mapped[str] = mapped_column(default="")
    condition: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Membership(Base):
    """A person in a group on `[valid_from, valid_to)`, as believed in `[recorded_from, recorded_to)`."""

    __tablename__ = "membership"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    group_id: Mapped[UUID]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_from: Mapped[datetime]
    recorded_to: Mapped[datetime | None]


class Relation(Base):
    """`other_id` is the person's `kind` (child, spouse or ward) on `[valid_from, valid_to)`, as believed.

    One row tells it of both: the view relation_seen shows it from either end, and who shares a household.
    """

    __tablename__ = "relation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    other_id: Mapped[UUID]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_from: Mapped[datetime]
    recorded_to: Mapped[datetime | None]
    source: Mapped[str]
    reason: Mapped[str]


class Household(Base):
    """Persons who live together; `code` is a name for it that the municipality knows, if any."""

    __tablename__ = "household"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str | None]


class HouseholdMember(Base):
    """A person in a household on `[valid_from, valid_to)`, as believed in `[recorded_from, recorded_to)`."""

    __tablename__ = "household_member"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    household_id: Mapped[UUID]
    person_id: Mapped[UUID]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_from: Mapped[datetime]
    recorded_to: Mapped[datetime | None]
    source: Mapped[str]


class Figure(Base):
    """A figure of the law: a parameter by day in force, a cohort by birth date (`kind`). Periods do not overlap."""

    __tablename__ = "figure"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    kind: Mapped[str]
    code: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    figure: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    legal_basis: Mapped[str]


class Calendar(Base):
    """Days with a name, such as those of the school year; a condition can hold during them."""

    __tablename__ = "calendar"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name_lv: Mapped[str]
    name_en: Mapped[str]
    days: Mapped[Days] = mapped_column(DayRanges)

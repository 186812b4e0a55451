"""Tables of the register. What names a person is sealed with that person's own key and found by keyed digests only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from amis.kernel.db import Base


class Person(Base):
    """A person known to one municipality. `died` is the first day without rights; erasing destroys `subject_key`."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    born: Mapped[date | None]
    died: Mapped[date | None]
    subject_key: Mapped[bytes | None]
    name_sealed: Mapped[bytes | None]
    erased_at: Mapped[datetime | None]


class PersonCode(Base):
    """A personal code, present or past: each finds the person for ever, one is current."""

    __tablename__ = "person_code"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    code_index: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    sealed: Mapped[bytes]
    current: Mapped[bool]
    recorded_at: Mapped[datetime]


class NamePrefix(Base):
    """The digest of the beginning of a word of a person's name."""

    __tablename__ = "name_prefix"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    prefix_index: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)


class FactKindRow(Base):
    """A kind of fact; `values` None takes any text, `when_missing` is rules.vocabulary.WhenMissing."""

    __tablename__ = "fact_kind"
    municipality_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    when_missing: Mapped[str]


class Fact(Base):
    """One version of a stated fact: valid on `[valid_from, valid_to)`, believed in `[recorded_from, recorded_to)`."""

    __tablename__ = "fact"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    value: Mapped[str]
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


class PersonGroup(Base):
    """A group kept as a list of persons."""

    __tablename__ = "person_group"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[int]
    code: Mapped[str]
    name_lv: Mapped[str]
    name_en: Mapped[str]


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

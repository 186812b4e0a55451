"""How persons are related: each relation is stored once and seen from both ends; who lives together is related too."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from amis.kernel.db import Transaction
from amis.register.models import Fact, Household, HouseholdMember, Membership, Relation

INVERSE = {
    "child": "parent",
    "parent": "child",
    "spouse": "spouse",
    "ward": "guardian",
    "guardian": "ward",
    "household": "household",
}
"""What the other is to me -> what I am to the other."""
STORED = frozenset({"child", "spouse", "ward"})
"""The kinds that rows have; the others are the same rows seen from the other end."""


@dataclass(frozen=True, slots=True)
class Link:
    """`other_id` is the `kind` of `person_id` on the days `[valid_from, valid_to)`; None = without end."""

    person_id: UUID
    kind: str
    other_id: UUID
    valid_from: date
    valid_to: date | None


def believed(
    table: type[Fact] | type[Membership] | type[Relation] | type[HouseholdMember], at: datetime | None
) -> ColumnElement[bool]:
    """Rows that are believed now, or were at the instant `at`."""
    if at is None:
        return table.recorded_to.is_(None)
    return (table.recorded_from <= at) & or_(table.recorded_to.is_(None), table.recorded_to > at)


async def links_of(tx: Transaction, persons: Collection[UUID], at: datetime | None = None) -> list[Link]:
    """Every relation of these persons, past and future ones too, as believed now or at the instant `at`."""
    query = union_all(_forward(tx, persons, at), _backward(tx, persons, at), _living_together(tx, persons, at))
    rows = await tx.session.execute(query)
    found = {Link(*row) for row in rows}
    return sorted(found, key=lambda link: (link.person_id, link.kind, link.valid_from, link.other_id))


async def relatives_touched(tx: Transaction, person_id: UUID, depth: int = 1) -> set[UUID]:
    """The persons who have this person as a relative, up to `depth` relations away; without the person.

    Past and future relations count: what a relative was told of may be about those days.
    """
    reached, edge = {person_id}, {person_id}
    for _ in range(depth):
        edge = {link.other_id for link in await links_of(tx, edge)} - reached if edge else set()
        reached |= edge
    return reached - {person_id}


async def housemates(tx: Transaction, person_id: UUID, day: date) -> set[UUID]:
    """Those who share a household with the person on a local day; without the person."""
    links = await links_of(tx, {person_id})
    living = (link for link in links if link.kind == "household" and link.valid_from <= day)
    return {link.other_id for link in living if link.valid_to is None or day < link.valid_to}


@dataclass(frozen=True, slots=True)
class Home:
    """A household in which somebody lives on the days `[valid_from, valid_to)`."""

    household_id: UUID
    code: str | None
    valid_from: date
    valid_to: date | None


async def homes_of(tx: Transaction, person_id: UUID) -> list[Home]:
    """The households of a person, past and future ones too."""
    rows = await tx.session.execute(
        select(Household.id, Household.code, HouseholdMember.valid_from, HouseholdMember.valid_to)
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .where(
            HouseholdMember.municipality_id == tx.municipality_id,
            HouseholdMember.person_id == person_id,
            believed(HouseholdMember, None),
        )
        .order_by(HouseholdMember.valid_from, Household.id)
    )
    return [Home(*row) for row in rows]


def _forward(tx: Transaction, persons: Collection[UUID], at: datetime | None) -> Select[*tuple[Any, ...]]:
    row = Relation
    columns = select(row.person_id, row.kind, row.other_id, row.valid_from, row.valid_to)
    return columns.where(row.municipality_id == tx.municipality_id, row.person_id.in_(persons), believed(row, at))


def _backward(tx: Transaction, persons: Collection[UUID], at: datetime | None) -> Select[*tuple[Any, ...]]:
    row = Relation
    kind = case({stored: literal(INVERSE[stored], String) for stored in sorted(STORED)}, value=row.kind)
    columns = select(row.other_id, kind, row.person_id, row.valid_from, row.valid_to)
    return columns.where(row.municipality_id == tx.municipality_id, row.other_id.in_(persons), believed(row, at))


def _living_together(tx: Transaction, persons: Collection[UUID], at: datetime | None) -> Select[*tuple[Any, ...]]:
    one, other = HouseholdMember, aliased(HouseholdMember)
    # least() passes over null, which is what "without end" needs
    first, end = func.greatest(one.valid_from, other.valid_from), func.least(one.valid_to, other.valid_to)
    return (
        select(one.person_id, literal("household", String), other.person_id, first, end)
        .join(other, other.household_id == one.household_id)
        .where(
            one.municipality_id == tx.municipality_id,
            one.person_id.in_(persons),
            other.person_id != one.person_id,
            or_(end.is_(None), first < end),
            believed(one, at),
            believed(other, at),
        )
    )

"""Groups as pages list them, and who is on the list of one."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.register.errors import GroupUnknown
from amis.register.models import Membership, PersonGroup
from amis.register.store import PersonSummary, summaries

PAGE = 50
"""Members on one page."""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group, and how many persons are on its list on the day; a group by condition has none."""

    row: PersonGroup
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    """Days of somebody on a list; `person` is None where the data are erased."""

    person: PersonSummary | None
    valid_from: date
    valid_to: date | None


async def list_groups(tx: Transaction, day: date, text: str = "") -> list[GroupLine]:
    """The groups whose code or a name has the text, by code."""
    query = _groups(tx, day).order_by(PersonGroup.code)
    if text:
        names = (PersonGroup.code, PersonGroup.name_lv, PersonGroup.name_en, PersonGroup.legal_name)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    return [GroupLine(row, count) for row, count in await tx.session.execute(query)]


async def get_group(tx: Transaction, group_id: UUID, day: date) -> GroupLine:
    """One group.

    Raises:
        GroupUnknown
    """
    found = (await tx.session.execute(_groups(tx, day).where(PersonGroup.id == group_id))).one_or_none()
    if found is None:
        raise GroupUnknown
    return GroupLine(*found)


def _groups(tx: Transaction, day: date) -> Select[PersonGroup, int]:
    on_list = (
        select(func.count(Membership.person_id.distinct()))
        .where(*_believed(tx), Membership.group_id == PersonGroup.id, *_on(day))
        .scalar_subquery()
    )
    return select(PersonGroup, on_list).where(PersonGroup.municipality_id == tx.municipality_id)


def _believed(tx: Transaction) -> tuple[ColumnElement[bool], ...]:
    return Membership.municipality_id == tx.municipality_id, Membership.recorded_to.is_(None)


def _on(day: date) -> tuple[ColumnElement[bool], ...]:
    return Membership.valid_from <= day, or_(Membership.valid_to.is_(None), Membership.valid_to > day)


async def members(tx: Transaction, group_id: UUID, page: int = 1) -> tuple[list[Member], int]:
    """A page of a list, from 1, the latest first, masked; and how many pages there are. The reading is logged."""
    own: tuple[Any, ...] = (*_believed(tx), Membership.group_id == group_id)
    total = await tx.session.scalar(select(func.count()).select_from(Membership).where(*own)) or 0
    rows = await tx.session.scalars(
        select(Membership)
        .where(*own)
        .order_by(Membership.valid_from.desc(), Membership.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    shown = list(rows)
    persons = await summaries(tx, {row.person_id for row in shown})
    await audit.record(
        tx, "person_group.read", ("person_group", group_id), after={"shown": sorted(map(str, persons.keys()))}
    )
    return [Member(persons.get(row.person_id), row.valid_from, row.valid_to) for row in shown], -(-total // PAGE)

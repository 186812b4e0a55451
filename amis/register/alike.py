"""Persons who may be the same one twice: the same name, or the same birth date and a word of the name."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.sealed import blind_index
from amis.register import names, store
from amis.register.models import NamePrefix, Person

MOST = 20
"""Persons that are looked at for each likeness."""


class Likeness(StrEnum):
    """What two persons have in common."""

    NAME = "name"
    BORN = "born"


async def alike(tx: Transaction, person_id: UUID) -> dict[UUID, set[Likeness]]:
    """Others of the municipality who are like this person, and in what; whose data are erased is like nobody.

    It tells who somebody is, so that what was found is logged.

    Raises:
        PersonUnknown
    """
    person = await store.get_person(tx, person_id)
    known = store.name_of(person)
    found: dict[UUID, set[Likeness]] = {}
    if known is None:
        return found
    for other in await _with_all(tx, names.needles(known), person_id):
        found.setdefault(await store.standing_for(tx, other), set()).add(Likeness.NAME)
    if person.born is not None:
        for other in await _born_with_one(tx, person, names.needles(known)):
            found.setdefault(await store.standing_for(tx, other), set()).add(Likeness.BORN)
    found.pop(await store.standing_for(tx, person_id), None)
    if found:
        shown = sorted(str(other) for other in found)
        await audit.record(tx, "person.alike", ("person", person_id), after={"shown": shown})
    return found


async def _with_all(tx: Transaction, needles: Collection[str], but: UUID) -> list[UUID]:
    wanted = _indexes(tx, needles)
    query = (
        select(NamePrefix.person_id)
        .where(
            NamePrefix.municipality_id == tx.municipality_id,
            NamePrefix.prefix_index.in_(wanted),
            NamePrefix.person_id != but,
        )
        .group_by(NamePrefix.person_id)
        .having(func.count() == len(wanted))
    )
    return list(await tx.session.scalars(query.order_by(NamePrefix.person_id).limit(MOST)))


async def _born_with_one(tx: Transaction, person: Person, needles: Collection[str]) -> list[UUID]:
    query = (
        select(Person.id)
        .join(NamePrefix, (NamePrefix.municipality_id == Person.municipality_id) & (NamePrefix.person_id == Person.id))
        .where(
            Person.municipality_id == tx.municipality_id,
            Person.born == person.born,
            Person.id != person.id,
            NamePrefix.prefix_index.in_(_indexes(tx, needles)),
        )
    )
    return list(await tx.session.scalars(query.distinct().order_by(Person.id).limit(MOST)))


def _indexes(tx: Transaction, needles: Collection[str]) -> set[bytes]:
    return {blind_index(tx.municipality_id, "name", needle) for needle in needles}

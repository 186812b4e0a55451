"""What the records of sources now say of a person as such, and what follows from all of it together.

What is so is derived anew from whatever stands, so that the order in which it was said does not matter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.register import store
from amis.register.errors import DeathDateInvalid, FactOfAnother, PersonErased
from amis.register.models import PersonCode, Statement

BY_HAND = "clerk"
"""The source of what is entered by hand."""
_OF_PAIRS = frozenset({"merge", "unmerge"})


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """One record of a source, as register.models.Statement keeps it; `code` and `other` are personal codes.

    None for `code` is the current one.
    """

    source: str
    record_id: str
    kind: str
    code: str | None
    day: date | None = None
    value: str | None = None
    other: str | None = None
    provenance: dict[str, Any] | None = None


async def state(tx: Transaction, person_id: UUID, said: Said) -> None:
    """Keeps what a record says of a locked person now, in place of what it said before.

    Raises:
        PersonErased
        FactOfAnother: the record has been about somebody else, or about something else.
    """
    if (await store.get_person(tx, person_id)).erased_at is not None:
        raise PersonErased
    index = await _current(tx, person_id) if said.code is None else store.index_of(tx, said.code)
    before = await statement(tx, said.source, said.record_id)
    if before is None:
        before = Statement(municipality_id=tx.municipality_id, source=said.source, record_id=said.record_id)
        tx.session.add(before)
    elif not _same_matter(before, person_id, said.kind):
        raise FactOfAnother(f"{said.source} {said.record_id}")
    before.person_id, before.kind = person_id, said.kind
    before.code_index = index
    before.other_index = None if said.other is None else store.index_of(tx, said.other)
    before.day, before.value, before.provenance = said.day, said.value, said.provenance
    await tx.session.flush()


async def _current(tx: Transaction, person_id: UUID) -> bytes | None:
    own = PersonCode.municipality_id == tx.municipality_id, PersonCode.person_id == person_id
    return await tx.session.scalar(select(PersonCode.code_index).where(*own, PersonCode.current))


def _same_matter(before: Statement, person_id: UUID, kind: str) -> bool:
    # of two persons a record may say that they are one, and later that they are not
    if kind in _OF_PAIRS:
        return before.kind in _OF_PAIRS
    return (before.person_id, before.kind) == (person_id, kind)


async def unsay(tx: Transaction, source: str, record_id: str) -> None:
    """Takes back what a record says; nothing where it says nothing."""
    own = Statement.municipality_id == tx.municipality_id
    await tx.session.execute(delete(Statement).where(own, Statement.source == source, Statement.record_id == record_id))


async def statement(tx: Transaction, source: str, record_id: str) -> Statement | None:
    """What a record says now."""
    return await tx.session.get(Statement, (tx.municipality_id, source, record_id), populate_existing=True)


async def statements(tx: Transaction, person_id: UUID, kind: str) -> list[Statement]:
    """What stands of a person, the earliest day first; of one day the order is that of sources and records."""
    query = select(Statement).where(
        Statement.municipality_id == tx.municipality_id, Statement.person_id == person_id, Statement.kind == kind
    )
    order = Statement.day, Statement.source, Statement.record_id
    return list(await tx.session.scalars(query.order_by(*order).execution_options(populate_existing=True)))


async def record_death(tx: Transaction, person_id: UUID, day: date) -> bool:
    """Records the day of death by hand, the first day without rights; whether that changed anything.

    Raises:
        PersonUnknown, PersonErased, PersonMerged, DeathDateInvalid
    """
    await store.lock_person(tx, person_id)
    await state(tx, person_id, Said(BY_HAND, f"{person_id}/death", "death", None, day))
    return await settle_death(tx, person_id)


async def settle_death(tx: Transaction, person_id: UUID) -> bool:
    """The first day of which some record says that the locked person was dead is the day of death; was it another.

    Raises:
        DeathDateInvalid
    """
    person = await store.get_person(tx, person_id)
    days = [one.day for one in await statements(tx, person_id, "death") if one.day is not None]
    day, before = min(days, default=None), person.died
    if day is not None and (day > tx.day or (person.born and day < person.born)):
        raise DeathDateInvalid(day.isoformat(), pointer="/died")
    if day == before:
        return False
    person.died = day
    await tx.session.flush()
    shown = [{"died": one.isoformat() if one else None} for one in (before, day)]
    action = "person.death" if day else "person.alive"
    await audit.record(tx, action, ("person", person_id), before=shown[0], after=shown[1])
    return True

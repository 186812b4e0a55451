"""Groups kept as lists: who belongs to one, from which day, until which day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.errors import GroupUnknown, PeriodReversed, PersonErased
from amis.register.models import Membership, PersonGroup
from rules.period import Days, Period


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group to keep: a lower-case code and its names."""

    code: str
    name_lv: str
    name_en: str


async def define_group(tx: Transaction, draft: GroupDraft) -> UUID:
    """The group with this code, created or renamed where need be."""
    group = await _find(tx, draft.code)
    names = {"name_lv": draft.name_lv, "name_en": draft.name_en}
    if group is None:
        group = PersonGroup(id=new_id(), municipality_id=tx.municipality_id, code=draft.code, **names)
        tx.session.add(group)
    elif (group.name_lv, group.name_en) == (draft.name_lv, draft.name_en):
        return group.id
    group.name_lv, group.name_en = draft.name_lv, draft.name_en
    await tx.session.flush()
    store.forget_vocabulary(tx)
    await audit.record(tx, "person_group.define", ("person_group", group.id), after={"code": draft.code} | names)
    return group.id


async def join_group(
    tx: Transaction, person_id: UUID, group_code: str, valid_from: date, valid_to: date | None = None
) -> bool:
    """Puts a person on a list for `[valid_from, valid_to)`; False where the list says so already.

    Raises:
        GroupUnknown, PeriodReversed, PersonUnknown, PersonErased
    """
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(pointer="/valid_to")
    group = await _locked(tx, person_id, group_code)
    known = await _believed(tx, person_id, group.id)
    wanted = Days.of(Period(valid_from, valid_to))
    if wanted <= Days.of(*(Period(row.valid_from, row.valid_to) for row in known)):
        return False
    await _insert(tx, person_id, group.id, valid_from, valid_to)
    await _audited(tx, "person_group.join", person_id, group, {"valid_from": valid_from, "valid_to": valid_to})
    return True


async def leave_group(tx: Transaction, person_id: UUID, group_code: str, day: date) -> bool:
    """Takes a person off a list from `day` on; False where the list had them no longer.

    Raises:
        GroupUnknown, PersonUnknown, PersonErased
    """
    group = await _locked(tx, person_id, group_code)
    cut = [row for row in await _believed(tx, person_id, group.id) if row.valid_to is None or row.valid_to > day]
    for row in cut:
        row.recorded_to = max(tx.at, row.recorded_from)
        if row.valid_from < day:
            await _insert(tx, person_id, group.id, row.valid_from, day)
    if cut:
        await _audited(tx, "person_group.leave", person_id, group, {"valid_to": day})
    return bool(cut)


async def _find(tx: Transaction, code: str) -> PersonGroup | None:
    return await tx.session.scalar(
        select(PersonGroup).where(PersonGroup.municipality_id == tx.municipality_id, PersonGroup.code == code)
    )


async def _locked(tx: Transaction, person_id: UUID, group_code: str) -> PersonGroup:
    person = await store.lock_person(tx, person_id)
    if person.erased_at is not None:
        raise PersonErased
    group = await _find(tx, group_code)
    if group is None:
        raise GroupUnknown(group_code, pointer="/group")
    return group


async def _believed(tx: Transaction, person_id: UUID, group_id: UUID) -> list[Membership]:
    rows = await tx.session.scalars(
        select(Membership).where(
            Membership.municipality_id == tx.municipality_id,
            Membership.person_id == person_id,
            Membership.group_id == group_id,
            Membership.recorded_to.is_(None),
        )
    )
    return list(rows)


async def _insert(tx: Transaction, person_id: UUID, group_id: UUID, start: date, end: date | None) -> None:
    tx.session.add(
        Membership(
            id=new_id(),
            municipality_id=tx.municipality_id,
            person_id=person_id,
            group_id=group_id,
            valid_from=start,
            valid_to=end,
            recorded_from=tx.at,
        )
    )
    await tx.session.flush()


async def _audited(
    tx: Transaction, action: str, person_id: UUID, group: PersonGroup, days: dict[str, date | None]
) -> None:
    after: dict[str, Any] = {key: day.isoformat() if day else None for key, day in days.items()}
    await audit.record(tx, action, ("person", person_id), after={"group": group.code} | after)

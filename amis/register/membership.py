"""Groups kept as lists: who belongs to one, from which day, until which day."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.errors import GroupNotList, GroupUnknown, PeriodReversed, PersonErased
from amis.register.models import Membership, PersonGroup
from rules.period import Days, Period, union


async def join_group(
    tx: Transaction, person_id: UUID, group_code: str, valid_from: date, valid_to: date | None = None
) -> bool:
    """Puts a person on a list for `[valid_from, valid_to)`; False where the list says so already.

    Raises:
        GroupUnknown, GroupNotList, PeriodReversed, PersonUnknown, PersonErased
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
        GroupUnknown, GroupNotList, PersonUnknown, PersonErased
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


async def change_membership(tx: Transaction, person_id: UUID, group_code: str, joined: Days, left: Days) -> bool:
    """Puts a person on a list for days, each with a beginning, and off it for others; False where nothing changes.

    All other days stay as they are, whatever was written of them since somebody decided on these.

    Raises:
        GroupUnknown, GroupNotList, PeriodReversed, PersonUnknown, PersonErased
    """
    group = await _locked(tx, person_id, group_code)
    rows = {row: Days.of(Period(row.valid_from, row.valid_to)) for row in await _believed(tx, person_id, group.id)}
    before = union(rows.values())
    days = (before - left) | joined
    kept = union(each for each in rows.values() if each <= days)
    if before == days:
        return False
    for row in (row for row, each in rows.items() if not each <= days):
        row.recorded_to = max(tx.at, row.recorded_from)
    for period in days - kept:
        if period.start is None:
            raise PeriodReversed(str(period), pointer="/valid_from")
        await _insert(tx, person_id, group.id, period.start, period.end)
    shown = [{"group": group.code, "days": str(each)} for each in (before, days)]
    await audit.record(tx, "person_group.set", ("person", person_id), before=shown[0], after=shown[1])
    return True


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
    if group.condition is not None:
        raise GroupNotList(group_code, pointer="/group")
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

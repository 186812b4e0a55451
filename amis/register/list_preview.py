"""What a list would do to a group as it is kept here: persons are found by their codes, all at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.sealed import blind_index
from amis.register.errors import GroupNotList, GroupUnknown
from amis.register.listing import ListDiff, Mode, compared, digits_in
from amis.register.models import Membership, Person, PersonCode, PersonGroup
from amis.register.sheet import Line
from rules.period import Days, Period

_AT_ONCE = 1000  # codes looked up in one query


async def preview(tx: Transaction, group_code: str, lines: Sequence[Line], mode: Mode, since: date) -> ListDiff:
    """What the list would do now. It tells who is in the register, so that it is logged.

    Raises:
        GroupUnknown, GroupNotList
    """
    group = await _list(tx, group_code)
    known = await _members(tx, group.id)
    diff = compared(lines, known, await _found(tx, lines), mode, since)
    counts = {"group": group.code, "rows": len(diff.rows), "joins": diff.joins, "leaves": diff.leaves}
    await audit.record(tx, "person_group.preview", ("person_group", group.id), after=counts | {"digest": diff.digest})
    return diff


async def _list(tx: Transaction, code: str) -> PersonGroup:
    group = await tx.session.scalar(
        select(PersonGroup).where(PersonGroup.municipality_id == tx.municipality_id, PersonGroup.code == code)
    )
    if group is None:
        raise GroupUnknown(code, pointer="/group")
    if group.condition is not None:
        raise GroupNotList(code, pointer="/group")
    return group


async def _members(tx: Transaction, group_id: UUID) -> dict[UUID, Days]:
    rows = await tx.session.execute(
        select(Membership.person_id, Membership.valid_from, Membership.valid_to)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.municipality_id == tx.municipality_id,
            Membership.group_id == group_id,
            Membership.recorded_to.is_(None),
            Person.erased_at.is_(None),
        )
    )
    known: dict[UUID, Days] = defaultdict(Days)
    for person_id, start, end in rows:
        known[person_id] |= Days.of(Period(start, end))
    return known


async def _found(tx: Transaction, lines: Iterable[Line]) -> dict[str, UUID]:
    """The persons by their codes, present or past."""
    codes = {digits_in(line) for line in lines} - {""}
    by_index = {blind_index(tx.municipality_id, "code", digits): digits for digits in codes}
    indexes, found = list(by_index), dict[str, UUID]()
    for start in range(0, len(indexes), _AT_ONCE):
        some = indexes[start : start + _AT_ONCE]
        rows = await tx.session.execute(
            select(PersonCode.code_index, PersonCode.person_id).where(
                PersonCode.municipality_id == tx.municipality_id, PersonCode.code_index.in_(some)
            )
        )
        found |= {by_index[index]: person_id for index, person_id in rows}
    return found

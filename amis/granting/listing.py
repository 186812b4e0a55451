"""Lists of persons: whoever joins or leaves a group is regranted in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from amis.granting.outcome import EntitlementDiff
from amis.granting.regranting import Cause, regrant
from amis.granting.rulebook import hold_rules
from amis.kernel import outbox
from amis.kernel.db import Transaction
from amis.kernel.models import OutboxEntry
from amis.register import service as register_service
from amis.register.errors import ListBusy, ListChanged, PersonErased
from amis.register.list_preview import preview
from amis.register.listing import Change, Mode
from amis.register.sheet import Line
from rules.period import Days

LISTED = "group.listed"
"""The outbox topic of changes of a long list that wait for the worker; its key is the group's code."""
AT_ONCE = 200
"""Persons whose rights change in one transaction."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many persons a list changed at once, and how many the worker will."""

    now: int
    later: int


async def join_and_regrant(
    tx: Transaction, person_id: UUID, group_code: str, valid_from: date, valid_to: date | None, cause: Cause
) -> list[EntitlementDiff]:
    """Puts a person on a list for `[valid_from, valid_to)` and grants what follows from it.

    Raises:
        GroupUnknown, GroupNotList, PeriodReversed, PersonUnknown, PersonErased
    """
    await hold_rules(tx)
    if not await register_service.join_group(tx, person_id, group_code, valid_from, valid_to):
        return []
    return await regrant(tx, person_id, cause, kinds=[f"group:{group_code}"])


async def leave_and_regrant(
    tx: Transaction, person_id: UUID, group_code: str, day: date, cause: Cause
) -> list[EntitlementDiff]:
    """Takes a person off a list from `day` on, and what rested on it.

    Raises:
        GroupUnknown, GroupNotList, PersonUnknown, PersonErased
    """
    await hold_rules(tx)
    if not await register_service.leave_group(tx, person_id, group_code, day):
        return []
    return await regrant(tx, person_id, cause, kinds=[f"group:{group_code}"])


async def apply_list(
    tx: Transaction,
    group_code: str,
    lines: Sequence[Line],
    mode: Mode,
    since: date,
    cause: Cause,
    *,
    expected: str = "",
) -> Applied:
    """Does to the group what the list says; after `AT_ONCE` persons the rest is left to the worker.

    `expected` is the digest of the diff that somebody has looked at.

    Raises:
        ListChanged: it would now do something else.
        ListBusy: the worker has not finished an earlier list of the group.
        GroupUnknown, GroupNotList
    """
    await hold_rules(tx)
    if await _unfinished(tx, group_code):
        raise ListBusy
    diff = await preview(tx, group_code, lines, mode, since)
    if expected and diff.digest != expected:
        raise ListChanged
    now, later = diff.changes[:AT_ONCE], diff.changes[AT_ONCE:]
    await _change(tx, group_code, [(each.person_id, each.joined, each.left) for each in now], cause)
    for start in range(0, len(later), AT_ONCE):
        await outbox.publish(tx, LISTED, group_code, _note(group_code, later[start : start + AT_ONCE], cause))
    return Applied(len(now), len(later))


async def apply_listed(tx: Transaction, payload: dict[str, Any]) -> None:
    """Does a part of a long list, from its note to the worker."""
    await hold_rules(tx)
    wanted = [(UUID(person), Days.parse(joined), Days.parse(left)) for person, joined, left in payload["persons"]]
    await _change(tx, payload["group"], wanted, Cause(payload["cause"], payload["cause_ref"]))


async def _change(tx: Transaction, group_code: str, wanted: Sequence[tuple[UUID, Days, Days]], cause: Cause) -> None:
    for person_id, joined, left in wanted:
        try:
            changed = await register_service.change_membership(tx, person_id, group_code, joined, left)
        except PersonErased:
            continue  # since the list was read; nothing can be recorded of them, or granted, any more
        if changed:
            await regrant(tx, person_id, cause, kinds=[f"group:{group_code}"])


async def _unfinished(tx: Transaction, group_code: str) -> bool:
    waiting = (
        OutboxEntry.municipality_id == tx.municipality_id,
        OutboxEntry.topic == LISTED,
        OutboxEntry.key == group_code,
        OutboxEntry.done_at.is_(None),
    )
    return bool(await tx.session.scalar(select(exists().where(*waiting))))


def _note(group_code: str, changes: Sequence[Change], cause: Cause) -> dict[str, Any]:
    # the days that change and no others: a clerk may write about the rest before the worker comes
    persons = [[str(each.person_id), str(each.joined), str(each.left)] for each in changes]
    return {"group": group_code, "persons": persons, "cause": cause.kind, "cause_ref": cause.ref}

"""Households as sources tell them: each record says where somebody lives from a day on, until another one says so."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register.households import open_household
from amis.register.models import HouseholdMember, Statement
from amis.register.statements import statements

TOLD = "notice:"
"""Begins the source of stays that follow from notices; those entered by hand stay as they are."""
Stay = tuple[str, UUID, date, date | None]


async def settle_homes(tx: Transaction, person_id: UUID) -> bool:
    """The stays of a locked person in households are those that records now tell; were they others."""
    wanted = await _wanted(tx, await statements(tx, person_id, "household"))
    rows = {(row.source, row.household_id, row.valid_from, row.valid_to): row for row in await _told(tx, person_id)}
    for stay in rows.keys() - wanted:
        rows[stay].recorded_to = max(tx.at, rows[stay].recorded_from)
    for source, household_id, first, end in sorted(wanted - rows.keys(), key=lambda stay: stay[2]):
        tx.session.add(
            HouseholdMember(
                id=new_id(),
                municipality_id=tx.municipality_id,
                household_id=household_id,
                person_id=person_id,
                valid_from=first,
                valid_to=end,
                recorded_from=tx.at,
                source=source,
            )
        )
    await tx.session.flush()
    if rows.keys() == wanted:
        return False
    shown = [{"homes": [_shown(stay) for stay in sorted(stays, key=lambda stay: stay[2])]} for stays in (rows, wanted)]
    await audit.record(tx, "household.settle", ("person", person_id), before=shown[0], after=shown[1])
    return True


async def _wanted(tx: Transaction, told: Sequence[Statement]) -> set[Stay]:
    # of one day the last in order counts, and whoever is in no household from then on leaves the one before
    days = {one.day: one for one in told if one.day is not None}
    ends = dict(pairwise([*days, None]))
    return {
        (TOLD + one.source, await open_household(tx, one.value), day, ends[day])
        for day, one in days.items()
        if one.value is not None
    }


async def _told(tx: Transaction, person_id: UUID) -> list[HouseholdMember]:
    rows = await tx.session.scalars(
        select(HouseholdMember).where(
            HouseholdMember.municipality_id == tx.municipality_id,
            HouseholdMember.person_id == person_id,
            HouseholdMember.source.startswith(TOLD),
            HouseholdMember.recorded_to.is_(None),
        )
    )
    return list(rows)


def _shown(stay: Stay) -> dict[str, str | None]:
    _, household_id, first, end = stay
    return {"household": str(household_id), "valid_from": str(first), "valid_to": str(end) if end else None}

"""Households: who lives together, from which day, until which day."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.errors import HouseholdUnknown, PeriodReversed, PersonErased
from amis.register.models import Household, HouseholdMember
from rules.period import Days, Period


async def open_household(tx: Transaction, code: str | None = None) -> UUID:
    """A new household without members, or the one that has this code already."""
    known = None if code is None else await _by_code(tx, code)
    if known is not None:
        return known.id
    household = Household(id=new_id(), municipality_id=tx.municipality_id, code=code)
    try:
        async with tx.session.begin_nested():
            tx.session.add(household)
    except IntegrityError:  # somebody else opened it meanwhile
        if code is None or (known := await _by_code(tx, code)) is None:
            raise
        return known.id
    await audit.record(tx, "household.open", ("household", household.id), after={"code": code})
    return household.id


async def hold_household(tx: Transaction, household_id: UUID) -> None:
    """Nobody else joins or leaves it until this transaction ends; to be asked for before any person is locked.

    Whoever moves in would otherwise not be seen by those who look for the housemates of somebody who leaves.
    """
    key = func.hashtextextended(f"home {household_id}", 0)
    await tx.session.execute(select(func.pg_advisory_xact_lock(key)))


async def join_household(
    tx: Transaction, person_id: UUID, household_id: UUID, valid_from: date, valid_to: date | None, source: str
) -> bool:
    """Puts a person into a household for `[valid_from, valid_to)`; False where that is known already.

    Raises:
        HouseholdUnknown, PeriodReversed, PersonUnknown, PersonErased
    """
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(pointer="/valid_to")
    known = await _locked(tx, person_id, household_id)
    wanted = Period(valid_from, valid_to)
    if Days.of(wanted) <= Days.of(*(Period(row.valid_from, row.valid_to) for row in known)):
        return False
    await _insert(tx, person_id, household_id, wanted, source)
    days = {"valid_from": valid_from, "valid_to": valid_to}
    await _audited(tx, "household.join", person_id, household_id, days)
    return True


async def leave_household(tx: Transaction, person_id: UUID, household_id: UUID, day: date, source: str) -> bool:
    """Takes a person out of a household from `day` on; False where they had left.

    Raises:
        HouseholdUnknown, PersonUnknown, PersonErased
    """
    known = await _locked(tx, person_id, household_id)
    cut = [row for row in known if row.valid_to is None or row.valid_to > day]
    for row in cut:
        row.recorded_to = max(tx.at, row.recorded_from)
        if row.valid_from < day:
            await _insert(tx, person_id, household_id, Period(row.valid_from, day), source)
    if cut:
        await _audited(tx, "household.leave", person_id, household_id, {"valid_to": day})
    return bool(cut)


async def household_by_code(tx: Transaction, code: str) -> UUID | None:
    """The household that the municipality knows by this name."""
    known = await _by_code(tx, code)
    return None if known is None else known.id


async def _by_code(tx: Transaction, code: str) -> Household | None:
    return await tx.session.scalar(
        select(Household).where(Household.municipality_id == tx.municipality_id, Household.code == code)
    )


async def _locked(tx: Transaction, person_id: UUID, household_id: UUID) -> list[HouseholdMember]:
    """What is believed of the person in the household; the person is locked."""
    await hold_household(tx, household_id)
    person = await store.lock_person(tx, person_id)
    if person.erased_at is not None:
        raise PersonErased
    household = await tx.session.get(Household, household_id)
    if household is None or household.municipality_id != tx.municipality_id:
        raise HouseholdUnknown(pointer="/household")
    rows = await tx.session.scalars(
        select(HouseholdMember).where(
            HouseholdMember.municipality_id == tx.municipality_id,
            HouseholdMember.person_id == person_id,
            HouseholdMember.household_id == household_id,
            HouseholdMember.recorded_to.is_(None),
        )
    )
    return list(rows)


async def _insert(tx: Transaction, person_id: UUID, household_id: UUID, period: Period, source: str) -> None:
    tx.session.add(
        HouseholdMember(
            id=new_id(),
            municipality_id=tx.municipality_id,
            household_id=household_id,
            person_id=person_id,
            valid_from=period.start,
            valid_to=period.end,
            recorded_from=tx.at,
            source=source,
        )
    )
    await tx.session.flush()


async def _audited(
    tx: Transaction, action: str, person_id: UUID, household_id: UUID, days: dict[str, date | None]
) -> None:
    after: dict[str, Any] = {key: day.isoformat() if day else None for key, day in days.items()}
    await audit.record(tx, action, ("person", person_id), after=after | {"household": str(household_id)})

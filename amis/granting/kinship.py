"""Relations and households: whoever they bring together or part is regranted in the same transaction."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from amis.granting.outcome import EntitlementDiff
from amis.granting.regranting import Cause, regrant
from amis.granting.rulebook import hold_rules
from amis.kernel.db import Transaction
from amis.register import service as register_service
from amis.register import store as register

Diffs = dict[UUID, list[EntitlementDiff]]
"""What changed for whom. Relatives further away are regranted too and are not named."""
SOURCE = "clerk"
"""The source of relations entered by hand."""


async def relate_and_regrant(
    tx: Transaction,
    person_id: UUID,
    kind: str,
    other_id: UUID,
    valid_from: date,
    valid_to: date | None,
    cause: Cause,
    *,
    source: str = SOURCE,
    reason: str = "",
) -> Diffs:
    """Records that `other_id` is the person's `kind` on `[valid_from, valid_to)` and grants what follows for both.

    Raises:
        RelationKindUnknown, RelatedToOneself, PeriodReversed, PersonUnknown, PersonErased
    """
    await hold_rules(tx)
    changed = await register_service.relate(tx, person_id, kind, other_id, valid_from, valid_to, source, reason)
    return await _regranted(tx, {person_id, other_id} if changed else (), cause)


async def unrelate_and_regrant(
    tx: Transaction,
    person_id: UUID,
    kind: str,
    other_id: UUID,
    day: date,
    cause: Cause,
    *,
    source: str = SOURCE,
    reason: str = "",
) -> Diffs:
    """Ends a relation with `day` as the first day without it, and what rested on it.

    Raises:
        RelationKindUnknown, RelatedToOneself, PersonUnknown, PersonErased
    """
    await hold_rules(tx)
    changed = await register_service.unrelate(tx, person_id, kind, other_id, day, source, reason)
    return await _regranted(tx, {person_id, other_id} if changed else (), cause)


async def join_household_and_regrant(
    tx: Transaction,
    person_id: UUID,
    household_id: UUID,
    valid_from: date,
    valid_to: date | None,
    cause: Cause,
    *,
    source: str = SOURCE,
) -> Diffs:
    """Puts a person into a household for `[valid_from, valid_to)`, and grants what follows for all who live there.

    Raises:
        HouseholdUnknown, PeriodReversed, PersonUnknown, PersonErased
    """
    await hold_rules(tx)
    changed = await register_service.join_household(tx, person_id, household_id, valid_from, valid_to, source)
    return await _regranted(tx, {person_id} | await _housemates(tx, person_id) if changed else (), cause)


async def leave_household_and_regrant(
    tx: Transaction, person_id: UUID, household_id: UUID, day: date, cause: Cause, *, source: str = SOURCE
) -> Diffs:
    """Takes a person out of a household from `day` on, and what rested on it for all who live there.

    Raises:
        HouseholdUnknown, PersonUnknown, PersonErased
    """
    await hold_rules(tx)
    await register_service.hold_household(tx, household_id)
    # whoever was a housemate on days that are taken back altogether is none any more afterwards
    before = await _housemates(tx, person_id)
    changed = await register_service.leave_household(tx, person_id, household_id, day, source)
    return await _regranted(tx, {person_id} | before if changed else (), cause)


async def settle_homes_and_regrant(tx: Transaction, person_id: UUID, cause: Cause) -> Diffs:
    """Lets a locked person live in the households that records now tell, and grants what follows for all there.

    Nobody else may enter or leave these households meanwhile (`register.service.hold_household`).
    """
    await hold_rules(tx)
    before = await _housemates(tx, person_id)
    changed = await register_service.settle_homes(tx, person_id)
    return await _regranted(tx, {person_id} | before | await _housemates(tx, person_id) if changed else (), cause)


async def _housemates(tx: Transaction, person_id: UUID) -> set[UUID]:
    """Those who share a household with the person at any time."""
    return {link.other_id for link in await register.links_of(tx, {person_id}) if link.kind == "household"}


async def _regranted(tx: Transaction, persons: Collection[UUID], cause: Cause) -> Diffs:
    return {person_id: await regrant(tx, person_id, cause) for person_id in sorted(persons)}

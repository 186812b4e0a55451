"""Lists of persons: whoever joins or leaves a group is regranted in the same transaction."""

from datetime import date
from uuid import UUID

from amis.granting import store
from amis.granting.outcome import EntitlementDiff
from amis.granting.regranting import Cause, regrant
from amis.kernel.db import Transaction
from amis.register import service as register_service


async def join_and_regrant(
    tx: Transaction, person_id: UUID, group_code: str, valid_from: date, valid_to: date | None, cause: Cause
) -> list[EntitlementDiff]:
    """Puts a person on a list for `[valid_from, valid_to)` and grants what follows from it.

    Raises:
        GroupUnknown, PeriodReversed, PersonUnknown, PersonErased
    """
    await store.hold_rules(tx)
    if not await register_service.join_group(tx, person_id, group_code, valid_from, valid_to):
        return []
    return await regrant(tx, person_id, cause, kinds=[f"group:{group_code}"])


async def leave_and_regrant(
    tx: Transaction, person_id: UUID, group_code: str, day: date, cause: Cause
) -> list[EntitlementDiff]:
    """Takes a person off a list from `day` on, and what rested on it.

    Raises:
        GroupUnknown, PersonUnknown, PersonErased
    """
    await store.hold_rules(tx)
    if not await register_service.leave_group(tx, person_id, group_code, day):
        return []
    return await regrant(tx, person_id, cause, kinds=[f"group:{group_code}"])

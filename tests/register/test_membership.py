"""Groups kept as lists."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service, store
from amis.register.errors import GroupUnknown, PeriodReversed
from amis.register.service import GroupDraft, PersonDraft
from rules.period import ALWAYS, Days, Period

VETERANS = GroupDraft("veterans", "Veterāni", "Veterans")
JANUARY, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)


async def _somebody(tx: Transaction) -> UUID:
    await service.define_group(tx, VETERANS)
    return await service.enrol(tx, PersonDraft("32345678901"))


async def _days(tx: Transaction, person_id: UUID, at: datetime | None = None) -> Days:
    return (await store.person_facts(tx, person_id, at)).groups.get("veterans", Days())


async def test_joining_and_leaving_give_exact_days(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        assert await service.join_group(tx, person_id, "veterans", JANUARY)
        assert not await service.join_group(tx, person_id, "veterans", MARCH, JUNE)
        assert await service.leave_group(tx, person_id, "veterans", MARCH)
        assert not await service.leave_group(tx, person_id, "veterans", MARCH)
        assert await _days(tx, person_id) == Days.of(Period(JANUARY, MARCH))
        assert await service.join_group(tx, person_id, "veterans", JUNE, None)
        assert await _days(tx, person_id) == Days.of(Period(JANUARY, MARCH), Period(JUNE, None))


async def test_leaving_before_the_first_day_takes_the_membership_back_and_history_keeps_it(town: Actor) -> None:
    early, late = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        await service.join_group(replace(tx, at=early), person_id, "veterans", MARCH)
        await service.leave_group(replace(tx, at=late), person_id, "veterans", MARCH)
        assert await _days(tx, person_id) == Days()
        assert await _days(tx, person_id, early) == Days.of(Period(MARCH, None))


async def test_a_group_is_defined_once_and_renamed(town: Actor) -> None:
    async with transaction(town) as tx:
        first = await service.define_group(tx, VETERANS)
        assert await service.define_group(tx, replace(VETERANS, name_en="War veterans")) == first
        assert (await store.vocabulary(tx)).groups == {"veterans"}


async def test_an_unknown_group_and_reversed_days_are_refused(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        with pytest.raises(GroupUnknown):
            await service.join_group(tx, person_id, "pilots", JANUARY)
        with pytest.raises(PeriodReversed):
            await service.join_group(tx, person_id, "veterans", MARCH, MARCH)


async def test_exact_days_are_set_whatever_was_there(town: Actor) -> None:
    wanted = [Days.of(Period(JANUARY, None)), Days.of(Period(JANUARY, MARCH), Period(JUNE, None)), Days()]
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        for days in (*wanted, wanted[1], wanted[0]):
            assert await service.change_membership(tx, person_id, "veterans", days, ~days)
            assert not await service.change_membership(tx, person_id, "veterans", days, ~days)
            assert await _days(tx, person_id) == days
        with pytest.raises(PeriodReversed):
            await service.change_membership(tx, person_id, "veterans", ALWAYS, Days())

"""Households: who lives together on which days."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.errors import HouseholdUnknown, PeriodReversed, PersonErased
from amis.register.kinship import Link, links_of
from tests.register.persons import JANUARY, JUNE, MARCH, persons, waited_for


async def test_those_who_live_together_are_related_on_the_days_on_which_both_do(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis, oskars = await persons(tx, 3)
        home = await service.open_household(tx, "LV-0001")
        assert await service.join_household(tx, anna, home, JANUARY, JUNE, "sopa")
        assert await service.join_household(tx, janis, home, MARCH, None, "sopa")
        assert await service.join_household(tx, oskars, home, JUNE, None, "sopa")
        assert not await service.join_household(tx, oskars, home, JUNE, date(2026, 7, 1), "sopa")
        assert await links_of(tx, {anna}) == [Link(anna, "household", janis, MARCH, JUNE)]
        assert await store.housemates(tx, janis, date(2026, 5, 31)) == {anna}
        assert await store.housemates(tx, janis, JUNE) == {oskars}


async def test_whoever_leaves_lives_there_until_that_day(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await persons(tx, 2)
        home = await service.open_household(tx)
        for person in (anna, janis):
            await service.join_household(tx, person, home, JANUARY, None, "sopa")
        assert await service.leave_household(tx, janis, home, MARCH, "sopa")
        assert not await service.leave_household(tx, janis, home, MARCH, "sopa")
        assert await links_of(tx, {anna}) == [Link(anna, "household", janis, JANUARY, MARCH)]


async def test_a_household_with_a_known_code_is_opened_once(town: Actor) -> None:
    async with transaction(town) as tx:
        first = await service.open_household(tx, "LV-0001")
        assert await service.open_household(tx, "LV-0001") == first
        assert await service.open_household(tx) != await service.open_household(tx)


async def test_two_who_open_a_household_at_once_open_the_same(town: Actor) -> None:
    async def again() -> UUID:
        async with transaction(town) as tx:
            return await service.open_household(tx, "LV-0001")

    async with transaction(town) as tx:
        first = await service.open_household(tx, "LV-0001")
        second = asyncio.create_task(again())
        await waited_for(tx)
    assert await second == first


async def test_what_cannot_be_is_refused(town: Actor, elsewhere: Actor) -> None:
    async with transaction(elsewhere) as tx:
        theirs = await service.open_household(tx)
    async with transaction(town) as tx:
        [anna] = await persons(tx, 1)
        home = await service.open_household(tx)
        for household in (UUID(int=1), theirs):
            with pytest.raises(HouseholdUnknown):
                await service.join_household(tx, anna, household, JANUARY, None, "sopa")
        with pytest.raises(PeriodReversed):
            await service.join_household(tx, anna, home, MARCH, JANUARY, "sopa")
        await service.erase(tx, anna)
        with pytest.raises(PersonErased):
            await service.leave_household(tx, anna, home, JANUARY, "sopa")

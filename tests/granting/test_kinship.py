"""Relations and households change what relatives are granted, at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from amis.granting import service
from amis.kernel.db import transaction
from amis.register import service as register
from amis.register.errors import RelatedToOneself
from tests.granting.extra_rule import RULE, publish
from tests.granting.town import CLERK, NOTICE, Somebody, days, fact
from tests.register.persons import waited_for

Make = Callable[..., Awaitable[Somebody]]
LARGE = {"count": {"relation": "child", "where": {"age": {"op": "lt", "years": 18}}, "op": "ge", "value": 2}}
TOGETHER = {"related": {"relation": "household", "where": {"has": {"fact": "needy"}}}}
JANUARY, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)


async def test_two_children_make_a_family_large_on_the_days_on_which_both_are_minors(somebody: Make) -> None:
    await publish(LARGE)
    anna, *children = await somebody(), await somebody(date(2009, 6, 1)), await somebody(date(2015, 1, 1))
    for child, born in zip(children, (date(2009, 6, 1), date(2015, 1, 1)), strict=True):
        async with transaction(CLERK) as tx:
            diffs = await service.relate_and_regrant(tx, anna.id, "child", child.id, born, None, NOTICE)
            assert set(diffs) == {anna.id, child.id}
    assert await anna.granted() == {RULE: days("{[2015-01-01,2027-06-01)}")}
    async with transaction(CLERK) as tx:
        await service.unrelate_and_regrant(tx, children[0].id, "parent", anna.id, MARCH, NOTICE)
    assert await anna.granted() == {RULE: days("{[2015-01-01,2026-03-01)}")}
    async with transaction(CLERK) as tx:
        assert await service.unrelate_and_regrant(tx, anna.id, "child", children[0].id, MARCH, NOTICE) == {}


async def test_whoever_lives_with_a_needy_person_follows_them(somebody: Make) -> None:
    await publish(TOGETHER)
    anna, janis = await somebody(), await somebody()
    await anna.state(fact("needy", end=None))
    async with transaction(CLERK) as tx:
        home = await register.open_household(tx)
        await service.join_household_and_regrant(tx, anna.id, home, JANUARY, None, NOTICE)
        diffs = await service.join_household_and_regrant(tx, janis.id, home, JANUARY, JUNE, NOTICE)
        assert set(diffs) == {anna.id, janis.id}
    assert (await janis.granted())[RULE] == days("{[2026-03-01,2026-06-01)}")
    async with transaction(CLERK) as tx:
        await service.leave_household_and_regrant(tx, anna.id, home, JANUARY, NOTICE)
    assert await janis.granted() == {}


async def test_whoever_moves_in_while_another_leaves_does_not_keep_what_rested_on_them(somebody: Make) -> None:
    await publish(TOGETHER)
    anna, janis = await somebody(), await somebody()
    await anna.state(fact("needy", end=None))

    async def leave() -> None:
        async with transaction(CLERK) as tx:
            await service.leave_household_and_regrant(tx, anna.id, home, JANUARY, NOTICE)

    async with transaction(CLERK) as tx:
        home = await register.open_household(tx)
        await service.join_household_and_regrant(tx, anna.id, home, JANUARY, None, NOTICE)
    async with transaction(CLERK) as tx:
        await service.join_household_and_regrant(tx, janis.id, home, JANUARY, None, NOTICE)
        leaving = asyncio.create_task(leave())
        await waited_for(tx)
    await leaving
    assert await janis.granted() == {}


async def test_a_refused_relation_changes_nothing(somebody: Make) -> None:
    anna = await somebody()
    with pytest.raises(RelatedToOneself):
        async with transaction(CLERK) as tx:
            await service.relate_and_regrant(tx, anna.id, "child", anna.id, JANUARY, None, NOTICE)
    async with transaction(CLERK) as tx:
        assert await service.unrelate_and_regrant(tx, anna.id, "child", (await somebody()).id, MARCH, NOTICE) == {}

"""Each contradiction is found, and what only looks like one is not."""

from collections.abc import Awaitable, Callable
from datetime import date
from itertools import count
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service
from amis.register.errors import CheckUnknown
from amis.register.quality import CHECKS, PAGE, counts, findings
from amis.register.service import FactChange
from tests.register.persons import JANUARY, JUNE, MARCH, persons, somebody

OLD, CHILD = date(1984, 5, 17), date(2012, 3, 1)
_records = count(1)


async def _fact(tx: Transaction, person: UUID, value: str, first: date, end: date | None = None) -> None:
    kind = "disability" if value in ("I", "II", "child") else "needy"
    await service.record(tx, person, FactChange(kind, value, first, end, "test", f"q-{next(_records)}", 1))


async def facts_differ(tx: Transaction) -> set[UUID]:
    anna, janis, oskars = [await somebody(tx, OLD) for _ in range(3)]
    await _fact(tx, anna, "I", JANUARY, JUNE)
    await _fact(tx, anna, "II", MARCH)
    await _fact(tx, janis, "I", JANUARY, MARCH)
    await _fact(tx, janis, "II", MARCH)
    await _fact(tx, oskars, "I", JANUARY)
    await _fact(tx, oskars, "I", MARCH)
    return {anna}


async def fact_after_death(tx: Transaction) -> set[UUID]:
    anna, janis = [await somebody(tx, OLD) for _ in range(2)]
    for person in (anna, janis):
        await service.record_death(tx, person, MARCH)
    await _fact(tx, anna, "yes", MARCH)
    await _fact(tx, janis, "yes", JANUARY)
    return {anna}


async def child_of_age(tx: Transaction) -> set[UUID]:
    anna, janis, leap = await somebody(tx, CHILD), await somebody(tx, CHILD), await somebody(tx, date(2008, 2, 29))
    await _fact(tx, anna, "child", JANUARY)
    await _fact(tx, janis, "child", JANUARY, date(2030, 3, 1))
    await _fact(tx, leap, "child", date(2025, 1, 1), date(2026, 3, 1))
    return {anna}


async def two_households(tx: Transaction) -> set[UUID]:
    anna, janis = [await somebody(tx, OLD) for _ in range(2)]
    homes = [await service.open_household(tx, code) for code in ("A", "B")]
    await service.join_household(tx, anna, homes[0], JANUARY, None, "sopa")
    await service.join_household(tx, anna, homes[1], MARCH, None, "sopa")
    await service.join_household(tx, janis, homes[0], JANUARY, MARCH, "sopa")
    await service.join_household(tx, janis, homes[1], MARCH, None, "sopa")
    return {anna}


async def mutual_guardians(tx: Transaction) -> set[UUID]:
    anna, janis, oskars = [await somebody(tx, OLD) for _ in range(3)]
    await service.relate(tx, anna, "ward", janis, JANUARY, None, "court")
    await service.relate(tx, janis, "ward", anna, MARCH, None, "court")
    await service.relate(tx, janis, "ward", oskars, MARCH, None, "court")
    return {anna, janis}


async def guardian_minor(tx: Transaction) -> set[UUID]:
    anna, child = await somebody(tx, OLD), await somebody(tx, CHILD)
    await service.relate(tx, child, "ward", anna, JANUARY, None, "court")
    await service.relate(tx, anna, "ward", await somebody(tx), JANUARY, None, "court")
    return {child}


async def related_to_dead(tx: Transaction) -> set[UUID]:
    anna, janis, oskars = [await somebody(tx, OLD) for _ in range(3)]
    await service.relate(tx, anna, "spouse", janis, JANUARY, None, "clerk")
    await service.relate(tx, oskars, "ward", janis, JANUARY, MARCH, "court")
    await service.relate(tx, janis, "child", await somebody(tx, CHILD), CHILD, None, "clerk")
    await service.record_death(tx, janis, MARCH)
    return {anna, janis}


async def parent_younger(tx: Transaction) -> set[UUID]:
    anna, child = await somebody(tx, OLD), await somebody(tx, CHILD)
    await service.relate(tx, child, "child", anna, JANUARY, None, "clerk")
    await service.relate(tx, anna, "child", await somebody(tx, CHILD), JANUARY, None, "clerk")
    return {child}


async def no_birth_date(tx: Transaction) -> set[UUID]:
    anna, erased = await persons(tx, 2)
    await service.erase(tx, erased)
    return {anna}


MADE: dict[str, Callable[[Transaction], Awaitable[set[UUID]]]] = {
    "facts_differ": facts_differ,
    "fact_after_death": fact_after_death,
    "child_of_age": child_of_age,
    "two_households": two_households,
    "mutual_guardians": mutual_guardians,
    "guardian_minor": guardian_minor,
    "related_to_dead": related_to_dead,
    "parent_younger": parent_younger,
    "no_birth_date": no_birth_date,
}


def test_each_check_has_its_contradiction_here() -> None:
    assert MADE.keys() == CHECKS.keys()


@pytest.mark.parametrize("code", [code for code in MADE if code != "no_birth_date"])
async def test_a_contradiction_is_found_and_what_only_looks_like_one_is_not(town: Actor, code: str) -> None:
    async with transaction(town) as tx:
        wrong = await MADE[code](tx)
        found = await findings(tx, code)
        about = {one.person_id for one in found} | {one.other_id for one in found if one.other_id}
        assert wrong & about
        assert all(one.person_id in wrong for one in found)
        assert (await counts(tx))[code] == len(found) == 1


async def test_a_long_list_comes_in_pages_and_the_reading_is_logged(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    async with transaction(town) as tx:
        ids = {*await persons(tx, PAGE), *await no_birth_date(tx)}
    async with transaction(town) as tx:
        pages = [await findings(tx, "no_birth_date", page) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [PAGE, 1, 0]
        assert {one.person_id for page in pages for one in page} == ids
        assert (await counts(tx))["no_birth_date"] == PAGE + 1
    rows = await owner_connection.execute("SELECT after FROM audit WHERE action = 'person.quality' ORDER BY id")
    assert [len(leaf["shown"]) for (leaf,) in await rows.fetchall()] == [PAGE, 1, 0]


async def test_contradictions_of_another_town_are_not_counted(town: Actor, elsewhere: Actor) -> None:
    async with transaction(town) as tx:
        for make in MADE.values():
            await make(tx)
    async with transaction(elsewhere) as tx:
        assert set((await counts(tx)).values()) == {0}
        with pytest.raises(CheckUnknown):
            await findings(tx, "nonsense")

"""A list is applied as it was shown: at once for a few, by the worker for many."""

import random
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from amis import worker
from amis.granting import listing, service
from amis.granting.service import Applied
from amis.kernel.db import transaction
from amis.kernel.draining import drain
from amis.register import service as register
from amis.register.errors import GroupUnknown, ListBusy, ListChanged
from amis.register.list_preview import preview
from amis.register.listing import Mode
from amis.register.service import GroupDraft, PersonDraft
from amis.register.sheet import Line
from rules.period import Days, Period
from sync.personal_code import draw_newer
from tests.granting.extra_rule import RULE, publish
from tests.granting.town import CLERK, NOTICE, granted

SINCE = date(2026, 3, 1)
FROM_THEN = Days.of(Period(SINCE, None))


@pytest.fixture
async def codes() -> dict[str, UUID]:
    """Five persons of the town by their codes, where a rule gives something to members of a list."""
    rng = random.Random(5)
    async with transaction(CLERK) as tx:
        await register.define_group(tx, GroupDraft("choir", "Koris", "Choir"))
        drawn = [draw_newer(rng) for _ in range(5)]
        found = {code: await register.enrol(tx, PersonDraft(code)) for code in drawn}
    await publish({"member": {"group": "choir"}})
    return found


def lines(codes: list[str]) -> list[Line]:
    return [Line(number, code, "", "") for number, code in enumerate(codes, start=2)]


async def rights(codes: dict[str, UUID]) -> list[Days | None]:
    async with transaction(CLERK) as tx:
        return [(await granted(tx, person_id)).get(RULE) for person_id in codes.values()]


@pytest.fixture
def work(worker_connection: AsyncConnection) -> Callable[[], Awaitable[None]]:
    """Lets the worker do what waits."""

    async def done() -> None:
        while await drain(worker_connection, worker.HANDLERS):
            pass

    return done


async def test_a_whole_list_is_applied_and_regrants_whoever_joins_or_leaves(
    town: object, codes: dict[str, UUID]
) -> None:
    first, *others = codes
    async with transaction(CLERK) as tx:
        assert await service.apply_list(tx, "choir", lines([first]), Mode.DELTA, SINCE, NOTICE) == Applied(1, 0)
    assert await rights(codes) == [FROM_THEN, None, None, None, None]
    async with transaction(CLERK) as tx:
        diff = await preview(tx, "choir", lines(others), Mode.WHOLE, date(2026, 6, 1))
        given = await service.apply_list(
            tx, "choir", lines(others), Mode.WHOLE, date(2026, 6, 1), NOTICE, expected=diff.digest
        )
        assert given == Applied(5, 0)
        assert (await preview(tx, "choir", lines(others), Mode.WHOLE, date(2026, 6, 1))).changes == ()
    june = Days.of(Period(date(2026, 6, 1), None))
    assert await rights(codes) == [FROM_THEN - june, june, june, june, june]


async def test_a_long_list_is_finished_by_the_worker_and_no_other_comes_between(
    town: object, codes: dict[str, UUID], work: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 2)
    async with transaction(CLERK) as tx:
        given = await service.apply_list(tx, "choir", lines([*codes]), Mode.DELTA, SINCE, NOTICE)
        assert given == Applied(2, 3)
    assert sorted(map(str, await rights(codes))) == ["None"] * 3 + [str(FROM_THEN)] * 2
    with pytest.raises(ListBusy):
        async with transaction(CLERK) as tx:
            await service.apply_list(tx, "choir", lines([*codes]), Mode.DELTA, SINCE, NOTICE)
    async with transaction(CLERK) as tx:
        await register.erase(tx, max(codes.values()))
    await work()
    assert (await rights(codes)).count(FROM_THEN) == 4
    async with transaction(CLERK) as tx:
        assert await service.apply_list(tx, "choir", lines([*codes]), Mode.DELTA, SINCE, NOTICE) == Applied(0, 0)


async def test_what_a_clerk_changes_before_the_worker_comes_is_kept(
    town: object, codes: dict[str, UUID], work: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 1)
    last = max(codes.values())
    january, june = date(2026, 1, 1), date(2026, 6, 1)
    async with transaction(CLERK) as tx:
        await service.apply_list(tx, "choir", lines([*codes]), Mode.DELTA, june, NOTICE)
    async with transaction(CLERK) as tx:
        await service.join_and_regrant(tx, last, "choir", january, SINCE, NOTICE)
    await work()
    async with transaction(CLERK) as tx:
        assert (await granted(tx, last)).get(RULE) == Days.of(Period(january, SINCE), Period(june, None))


async def test_what_was_shown_is_done_or_nothing(town: object, codes: dict[str, UUID]) -> None:
    first, second, *_ = codes
    async with transaction(CLERK) as tx:
        shown = (await preview(tx, "choir", lines([first]), Mode.DELTA, SINCE)).digest
        await service.join_and_regrant(tx, codes[first], "choir", SINCE, None, NOTICE)
    for wanted in ([first], [second]):
        with pytest.raises(ListChanged):
            async with transaction(CLERK) as tx:
                await service.apply_list(tx, "choir", lines(wanted), Mode.DELTA, SINCE, NOTICE, expected=shown)
    assert await rights(codes) == [FROM_THEN, None, None, None, None]
    with pytest.raises(GroupUnknown):
        async with transaction(CLERK) as tx:
            await service.apply_list(tx, "orchestra", lines([first]), Mode.DELTA, SINCE, NOTICE)

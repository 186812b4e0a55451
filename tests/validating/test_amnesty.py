"""While an amnesty holds, blocked and ended tokens are taken with a warning; expired ones are not."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.validating.amnesty import LONGEST, amnesties, declare_amnesty, end_amnesty
from amis.validating.errors import AmnestyOver, AmnestyUnknown, AmnestyWithoutDays, NoteMissing
from tests.validating.conftest import FREE
from tests.validating.town import JELGAVA, Town

CLERK, STRANGER = system("clerk", JELGAVA), system("clerk", 3)
Tap = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_blocked_token_is_taken_with_a_warning_on_its_days(database: Settings, town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE), state="blocked")
    terminal, today = await town.add_terminal(), clock.today()

    async def reason() -> str:
        return str((await tap(terminal, holder.number))["reason"])

    assert await reason() == "TOKEN_BLOCKED"
    async with transaction(CLERK) as tx:
        later = await declare_amnesty(tx, today + timedelta(days=1), today + timedelta(days=2), "Vēlāk")
    assert await reason() == "TOKEN_BLOCKED"
    async with transaction(CLERK) as tx:
        now = await declare_amnesty(tx, today, today + timedelta(days=31), "Karšu maiņa")
    answer = await tap(terminal, holder.number)
    assert (answer["verdict"], answer["reason"], answer["payable"]) == ("ACCEPT_WARN", "OK_AMNESTY", "0.0000")
    assert (await (await town.db.execute("SELECT reason FROM use")).fetchall()) == [("OK_AMNESTY",)]
    async with transaction(CLERK) as tx:
        await end_amnesty(tx, now.id)
        await end_amnesty(tx, later.id)
        kept = [(one.note, one.until_day - one.from_day) for one in await amnesties(tx)]
    assert kept == [("Vēlāk", timedelta(0)), ("Karšu maiņa", timedelta(0))]
    assert await reason() == "TOKEN_BLOCKED"


async def test_an_amnesty_needs_days_and_a_reason(database: Settings, town: Town) -> None:
    today = clock.today()
    async with transaction(CLERK) as tx:
        with pytest.raises(NoteMissing):
            await declare_amnesty(tx, today, today + timedelta(days=1), " ")
        for first, until in (
            (today, today),
            (today - timedelta(days=5), today),
            (today, today + LONGEST + timedelta(days=1)),
            (today, date.max),
        ):
            with pytest.raises(AmnestyWithoutDays):
                await declare_amnesty(tx, first, until, "?")
        latest = await declare_amnesty(tx, date.max - timedelta(days=2), date.max, "?")
        await end_amnesty(tx, latest.id)


async def test_an_amnesty_ends_once_and_only_at_home(database: Settings, town: Town) -> None:
    today = clock.today()
    async with transaction(CLERK) as tx:
        amnesty = await declare_amnesty(tx, today, today + timedelta(days=3), "Karšu maiņa")
    async with transaction(STRANGER) as tx:
        assert await amnesties(tx) == []
        with pytest.raises(AmnestyUnknown):
            await end_amnesty(tx, amnesty.id)
    async with transaction(CLERK) as tx:
        await end_amnesty(tx, amnesty.id)
        with pytest.raises(AmnestyOver):
            await end_amnesty(tx, amnesty.id)

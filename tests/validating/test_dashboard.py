"""What goes on, and how many looks it takes."""

from datetime import timedelta

import pytest

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.validating import dashboard, dashboard_pages, dashboard_store
from amis.validating.dashboard import Looks, plan
from tests.validating.conftest import FREE
from tests.validating.doors import ADMIN, OF_RIGA, READER, browser
from tests.validating.test_api import Tap
from tests.validating.test_pages import words
from tests.validating.town import Town


async def look(municipality: int = 2) -> dashboard_store.Live:
    async with transaction(system("test", municipality)) as tx:
        return await dashboard_store.look(tx)


async def test_the_last_hour_is_counted_by_verdict_reason_and_place(town: Town, tap: Tap) -> None:
    holder, terminal = await town.add_holder(await town.add_concession("NEEDY", FREE)), await town.add_terminal()
    museum = await town.add_place("MUZEJS")
    for place in (None, None, "MUZEJS"):
        await tap(terminal, holder.number, **({"place": place} if place else {}))
    await tap(await town.add_terminal(museum), (await town.add_holder()).number)
    live = await look()
    assert live.taps == 4
    assert live.verdicts == {"ACCEPT": 3, "ACCEPT_WARN": 0, "DENY": 1}
    assert dict(live.reasons) == {"OK": 3, "NO_ENTITLEMENT": 1}
    assert {(busy.place, busy.taps) for busy in live.busiest} == {("BUS-1", 2), ("MUZEJS", 2)}
    assert sum(sum(counts) for _, counts in live.minutes) == 4
    assert len(live.minutes) == 60
    assert live.minutes[-1][0] <= clock.now() < live.minutes[-1][0] + timedelta(minutes=2)
    assert (await look(3)).taps == 0


async def test_taps_of_more_than_an_hour_ago_are_not_counted(town: Town, tap: Tap) -> None:
    holder, terminal = await town.add_holder(await town.add_concession("NEEDY", FREE)), await town.add_terminal()
    await tap(terminal, holder.number)
    with clock.moved(clock.now() + timedelta(minutes=61)):
        assert (await look()).taps == 0


async def test_many_who_watch_cost_one_look_a_second(town: Town, tap: Tap, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    real = dashboard_store.look

    async def counted(tx):  # type: ignore[no-untyped-def]
        looked.append(tx.at)
        return await real(tx)

    monkeypatch.setattr(dashboard_store, "look", counted)
    looks = Looks()
    for _ in range(20):
        assert (await looks.parts(ADMIN, "lv")).keys() == set(dashboard.PARTS)
        assert "/conflicts" not in (await looks.parts(READER, "en"))["now"]
    assert len(looked) == 1
    await looks.parts(OF_RIGA, "en")
    assert len(looked) == 2
    with clock.moved(clock.now() + timedelta(minutes=1)):
        await looks.parts(ADMIN, "en")
    assert len(looked) == 3


async def test_the_chart_has_a_bar_for_each_minute_and_verdict(town: Town, tap: Tap) -> None:
    holder, terminal = await town.add_holder(await town.add_concession("NEEDY", FREE)), await town.add_terminal()
    await tap(terminal, holder.number)
    chart = plan(await look(), "en")
    assert [one.label for one in chart.series] == ["Accepted", "Accepted with a warning", "No concession"]
    assert sum(chart.series[0].values) == 1
    assert len(chart.categories) == 60


async def test_the_page_says_how_the_terminals_follow(town: Town, tap: Tap) -> None:
    await tap(await town.add_terminal(), "x")
    async with browser() as page:
        shown = words((await page.get("/live")).text)
        assert "Online and up to date 1" in shown
        assert "Nothing has been published yet Too old" not in shown
        assert "No taps in the last hour" in shown
        assert "Conflicts that wait 0" in shown
        await town.db.execute(
            "INSERT INTO bundle_version (provider_id, seq, manifest, hash, basis, at)"
            " VALUES (%s, 1, '', sha256(''), '', now() - interval '36 minutes')",
            (town.provider,),
        )
    async with browser() as page:
        assert "Too old" in words((await page.get("/live?still=true")).text)
        assert "sse-connect" not in (await page.get("/live?still=true")).text


async def test_the_stream_sends_only_the_parts_that_change(
    town: Town, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard_pages, "STREAM_LASTS", timedelta(seconds=0.8))
    monkeypatch.setattr(dashboard_pages, "LOOK_EVERY", timedelta(seconds=0.2))
    await tap(await town.add_terminal(), "x")
    async with browser() as page:
        answer = await page.get("/live/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [answer.text.count(f"event: {part}\n") for part in dashboard.PARTS] == [1, 1, 1, 1]

"""What happened before a tap and what it may still change: reversals, late taps, moved periods, retired concessions."""

import asyncio
from datetime import datetime, timedelta

from amis.kernel import clock
from tests.validating.conftest import FREE, Send
from tests.validating.test_api import Tap
from tests.validating.town import Town

REVERSE = "/v1/validations/reverse"


async def test_after_a_use_is_taken_back_the_corrected_tap_is_no_pass_back(town: Town, tap: Tap, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE, terms={"pass_back_seconds": 300}))
    terminal = await town.add_terminal()
    first = await tap(terminal, holder.number, gross="8.50")
    assert (await send(terminal, {"seq": terminal.next(), "use_seq": first["seq"]}, REVERSE)).status_code == 200
    assert (await tap(terminal, holder.number))["reason"] == "OK"
    assert (await tap(terminal, holder.number))["reason"] == "PASSBACK"


async def test_taking_back_an_older_use_does_not_forget_the_newest(town: Town, tap: Tap, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE, terms={"pass_back_seconds": 60}))
    terminal = await town.add_terminal()
    first = await tap(terminal, holder.number)
    with clock.moved(clock.now() + timedelta(minutes=2)):
        assert (await tap(terminal, holder.number))["reason"] == "OK"
        assert (await send(terminal, {"seq": terminal.next(), "use_seq": first["seq"]}, REVERSE)).status_code == 200
        assert (await tap(terminal, holder.number))["reason"] == "PASSBACK"


async def test_rights_of_a_retired_concession_run_on(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("NEEDY", FREE)
    holder, terminal = await town.add_holder(concession), await town.add_terminal()
    await town.db.execute("UPDATE concession SET state = 'retired' WHERE id = %s", (concession,))
    assert (await tap(terminal, holder.number))["reason"] == "OK"


async def test_a_late_tap_does_not_hide_the_newest_from_pass_back(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE, terms={"pass_back_seconds": 60}))
    one, slow = await town.add_terminal(), await town.add_terminal()
    now = clock.now()
    assert (await tap(one, holder.number, at=now.isoformat()))["reason"] == "OK"
    assert (await tap(slow, holder.number, at=(now - timedelta(minutes=5)).isoformat()))["reason"] == "OK"
    assert (await tap(one, holder.number, at=(now + timedelta(seconds=5)).isoformat()))["reason"] == "PASSBACK"


async def test_the_quota_of_a_period_goes_on_when_its_first_day_is_corrected(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("NEEDY", FREE, {"n": 2, "per": "period"})
    holder = await town.add_holder(concession, periods="{[2026-03-01,2026-06-01)}")
    terminal = await town.add_terminal()
    for periods, reason in (
        ("{[2026-03-01,2026-06-01)}", "OK"),
        ("{[2026-03-01,2026-09-01)}", "OK"),
        ("{[2026-02-15,2026-09-01)}", "QUOTA_USED"),
        ("{[2026-03-10,2026-09-01)}", "QUOTA_USED"),
        ("{[2026-03-01,2026-03-20),[2026-04-01,2026-09-01)}", "QUOTA_USED"),
    ):
        await town.db.execute("UPDATE entitlement SET periods = %s", (periods,))
        with clock.moved(datetime.fromisoformat("2026-04-15T12:00:00+03:00")):
            assert (await tap(terminal, holder.number))["reason"] == reason, periods
    with clock.moved(datetime.fromisoformat("2026-10-15T12:00:00+03:00")):
        await town.db.execute("UPDATE entitlement SET periods = '{[2026-03-01,2026-09-01),[2026-10-01,2026-12-01)}'")
        assert [(await tap(terminal, holder.number))["reason"] for _ in range(3)] == ["OK", "OK", "QUOTA_USED"]


async def test_the_rest_of_a_corrected_period_can_be_used_and_no_more(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("NEEDY", FREE, {"n": 3, "per": "period"})
    holder = await town.add_holder(concession, periods="{[2026-03-01,2026-09-01)}")
    terminal = await town.add_terminal()
    with clock.moved(datetime.fromisoformat("2026-04-15T12:00:00+03:00")):
        assert (await tap(terminal, holder.number))["quota_left"] == 2
        await town.db.execute("UPDATE entitlement SET periods = '{[2026-02-15,2026-09-01)}'")
        answers = await asyncio.gather(*(tap(terminal, holder.number) for _ in range(4)))
    assert sorted(answer["reason"] for answer in answers) == ["OK", "OK", "QUOTA_USED", "QUOTA_USED"]


async def test_lowering_a_quota_below_what_is_used_refuses_and_does_not_fail(town: Town, tap: Tap, send: Send) -> None:
    concession = await town.add_concession("NEEDY", FREE, {"n": 3, "per": "month"})
    holder, terminal = await town.add_holder(concession), await town.add_terminal()
    first = await tap(terminal, holder.number)
    assert [(await tap(terminal, holder.number))["quota_left"] for _ in range(2)] == [1, 0]
    today = clock.today()
    await town.db.execute("UPDATE concession_terms SET valid_to = %s", (today,))
    await town.insert(
        "concession_terms",
        concession_id=concession,
        revision=2,
        municipality_id=2,
        valid_from=today,
        discount=FREE,
        quota={"n": 2, "per": "month"},
        terms={},
    )
    assert (await tap(terminal, holder.number))["reason"] == "QUOTA_USED"
    assert (await send(terminal, {"seq": terminal.next(), "use_seq": first["seq"]}, REVERSE)).status_code == 200
    assert (await tap(terminal, holder.number))["reason"] == "QUOTA_USED"

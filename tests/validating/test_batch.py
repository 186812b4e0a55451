"""What the ledger holds of the terms: counters of cycles and money, orders, choices, shares, and rides of everybody."""

import asyncio
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.ids import new_id
from rules.period import ALWAYS
from rules.quota import Per, Quota
from tests.validating.conftest import FREE, Send, body_of
from tests.validating.test_api import Tap
from tests.validating.town import ALWAYS as EVER
from tests.validating.town import JELGAVA, Holder, Terminal, Town

REVERSE = "/v1/validations/reverse"
CARRIED = {"n": 2, "per": "month", "carry_until": "10-31"}
FIVE_EUROS = {"amount": "5.00", "per": "month"}


async def counters(db: AsyncConnection) -> list[tuple[Any, ...]]:
    found = await db.execute("SELECT window_start, per, used, lim FROM quota_counter ORDER BY window_start, per")
    return await found.fetchall()


async def on(day: str, tap: Tap, terminal: Terminal, token: Any, **more: Any) -> dict[str, Any]:
    """A tap at noon of a day, in Riga."""
    with clock.moved(datetime.fromisoformat(f"{day}T12:00:00+02:00")):
        return await tap(terminal, token, **more)


async def test_t08_what_is_left_is_carried_over_until_the_cut_and_not_beyond(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("PENS2", FREE, CARRIED)
    holder, terminal = await town.add_holder(concession, periods="{[2026-09-01,)}"), await town.add_terminal()
    days = ["2026-09-30", "2026-10-01", "2026-10-31", "2026-10-31", "2026-10-31", "2026-11-01"]
    rides = [await on(day, tap, terminal, holder.number) for day in days]
    assert [ride["quota_left"] for ride in rides] == [1, 2, 1, 0, 0, 1]
    assert [ride["reason"] for ride in rides] == ["OK"] * 4 + ["QUOTA_USED", "OK"]
    assert await counters(town.db) == [
        (date(2025, 11, 1), "month-10-31", 4, 4),
        (date(2026, 11, 1), "month-10-31", 1, 2),
    ]


@pytest.mark.parametrize("carry_until", ["10-31", "12-31", "01-01", "02-28", "06-15"])
async def test_the_database_finds_the_counter_of_a_cycle_where_the_rules_do(
    town: Town, tap: Tap, carry_until: str
) -> None:
    quota = {"n": 2, "per": "day", "carry_until": carry_until}
    terminal = await town.add_terminal()
    concession = await town.add_concession("PENS2", FREE, quota)
    read = Quota(2, Per.DAY, carry_until)
    for day in ("2028-02-28", "2028-02-29", "2028-03-01", "2026-12-31", "2027-01-01", "2027-01-02", "2027-06-16"):
        holder = await town.add_holder(concession)
        first, second = [await on(day, tap, terminal, holder.number) for _ in range(2)]
        limit = read.limit(date.fromisoformat(day), ALWAYS)
        assert (first["quota_left"], second["quota_left"]) == (limit - 1, limit - 2)
        found = await town.db.execute("SELECT window_start FROM quota_counter WHERE person_id = %s", (holder.person,))
        assert await found.fetchall() == [(read.window(date.fromisoformat(day), ALWAYS),)]


async def test_uses_are_carried_over_since_the_terms_say_so_and_through_like_revisions(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("PENS2", FREE, {"n": 2, "per": "month"})
    await town.add_revision(concession, date(2026, 2, 1), FREE, CARRIED)
    await town.add_revision(concession, date(2026, 4, 1), FREE, CARRIED, {"check_photo": True})
    holder, terminal = await town.add_holder(concession), await town.add_terminal()
    assert (await on("2026-01-31", tap, terminal, holder.number))["quota_left"] == 1
    assert (await on("2026-02-01", tap, terminal, holder.number))["quota_left"] == 1
    assert (await on("2026-04-01", tap, terminal, holder.number))["quota_left"] == 3 * 2 - 2


@pytest.mark.parametrize("later_first", [True, False])
async def test_periods_of_two_rules_are_one_whose_uses_count_once(town: Town, tap: Tap, later_first: bool) -> None:
    concession = await town.add_concession("PENS4", FREE, {"n": 4, "per": "period"})
    holder, terminal = await town.add_holder(), await town.add_terminal()
    for periods in sorted(["{[2026-01-01,2026-03-01)}", "{[2026-02-01,2026-06-01)}"], reverse=later_first):
        town.rules[concession] = new_id()
        await town.add_entitlement(holder.person, concession, periods)
    days = ["2026-01-10", "2026-01-11", "2026-02-10", "2026-02-11", "2026-02-12"]
    reasons = [(await on(day, tap, terminal, holder.number)).get("reason") for day in days]
    assert reasons == ["OK"] * 4 + ["QUOTA_USED"]


async def test_a_money_allowance_pays_what_is_left_and_the_holder_the_rest(town: Town, tap: Tap, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("MEAL", FREE, FIVE_EUROS))
    terminal = await town.add_terminal()
    meals = [await tap(terminal, holder.number, gross="3.09") for _ in range(3)]
    assert [(meal["payable"], meal["quota_left"]) for meal in meals] == [("0.0000", 191), ("1.1800", 0), ("3.0900", 0)]
    assert meals[2]["reason"] == "QUOTA_USED"
    await send(terminal, {"seq": terminal.next(), "use_seq": meals[1]["seq"]}, REVERSE)
    assert [row[2:] for row in await counters(town.db)] == [(30_900, 50_000)]
    again = await tap(terminal, holder.number, gross="1.915")
    assert (again["payable"], again["quota_left"]) == ("0.0050", 0)
    units = await town.db.execute("SELECT quota_units, discount FROM use ORDER BY recorded_at, id")
    assert [(taken, str(paid)) for taken, paid in await units.fetchall()] == [
        (30_900, "3.0900"), (19_100, "1.9100"), (-19_100, "-1.9100"), (19_100, "1.9100"),
    ]  # fmt: skip


async def test_taps_at_once_share_a_money_allowance_to_its_last_cent(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("MEAL", FREE, FIVE_EUROS))
    terminals = [await town.add_terminal() for _ in range(12)]
    answers = await asyncio.gather(*(tap(terminal, holder.number) for terminal in terminals))
    assert sum(Decimal(answer["discount"]) for answer in answers) == 5
    assert sorted(answer["payable"] for answer in answers) == ["0.0000"] * 5 + ["0.1000"] + ["0.8500"] * 6


async def entitled(town: Town, terms: dict[str, Any], **more: Any) -> Holder:
    concession = await town.add_concession("NEEDY", FREE, None, terms)
    holder = await town.add_holder()
    await town.add_entitlement(holder.person, concession, EVER, **more)
    return holder


async def test_t24_a_suspended_right_is_refused_until_the_order_ends(town: Town, tap: Tap) -> None:
    holder = await entitled(town, {}, suspended="{[2021-10-22,2021-11-16)}")
    terminal = await town.add_terminal()
    days = ["2021-10-21", "2021-10-22", "2021-11-15", "2021-11-16"]
    reasons = [(await on(day, tap, terminal, holder.number))["reason"] for day in days]
    assert reasons == ["OK", "ENTITLEMENT_SUSPENDED", "ENTITLEMENT_SUSPENDED", "OK"]


async def test_t10_the_calendar_is_waived_on_the_days_of_the_flag(town: Town, tap: Tap) -> None:
    terms = {"calendar": "{[2025-09-01,2026-06-01)}", "waiver": "summer_work"}
    holder = await entitled(town, terms, waived="{[2026-07-01,2026-08-01)}")
    terminal = await town.add_terminal()
    days = ["2026-05-31", "2026-06-15", "2026-07-15", "2026-08-01"]
    reasons = [(await on(day, tap, terminal, holder.number))["reason"] for day in days]
    assert reasons == ["OK", "OUT_OF_TIME", "OK", "OUT_OF_TIME"]


@pytest.mark.parametrize(("chosen", "reason"), [(["bus"], "OK"), (["tram"], "OUT_OF_SCOPE"), ([], "OUT_OF_SCOPE")])
async def test_t14_the_mode_is_the_one_that_the_holder_chose(
    town: Town, tap: Tap, chosen: list[str], reason: str
) -> None:
    holder = await entitled(town, {"modes": ["bus", "tram"], "holder_mode": True}, modes=chosen)
    assert (await tap(await town.add_terminal(), holder.number))["reason"] == reason


async def test_of_two_equal_rights_the_terms_priority_decides(town: Town, tap: Tap) -> None:
    first = await town.add_concession("A-LATER", FREE, {"n": 5, "per": "day"})
    second = await town.add_concession("B-FIRST", FREE, {"n": 9, "per": "day"}, {"priority": 10})
    holder = await town.add_holder(first, second)
    assert (await tap(await town.add_terminal(), holder.number))["quota_left"] == 8


LUNCH = [{"funder": "LV", "amount": "1.545"}, {"funder": "RIX", "amount": "1.545"}]


async def test_t26_several_funders_share_a_discount_and_get_their_parts_back(town: Town, tap: Tap, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("MEAL", FREE, funding=LUNCH))
    terminal = await town.add_terminal()
    lunch = await tap(terminal, holder.number, gross="3.09")
    await send(terminal, {"seq": terminal.next(), "use_seq": lunch["seq"]}, REVERSE)
    found = await town.db.execute("SELECT shares FROM use ORDER BY recorded_at, id")
    assert await found.fetchall() == [
        ([["LV", "1.5450"], ["RIX", "1.5450"]],),
        ([["LV", "-1.5450"], ["RIX", "-1.5450"]],),
    ]


ALL_DAYS = {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}
PEOPLE = "SELECT municipality_id, person_id, token_id, quota_per FROM use"


@pytest.mark.parametrize("day", ["2026-12-31", "2027-01-01", "2026-09-01"])
async def test_t21_everybody_rides_free_and_nobody_is_recorded(town: Town, tap: Tap, day: str) -> None:
    await town.add_concession("ALL-DAYS", FREE, None, ALL_DAYS)
    holder = await town.add_holder(await town.add_concession("NEEDY20", FREE, {"n": 20, "per": "month"}))
    blocked = await town.add_holder(state="blocked")
    terminal = await town.add_terminal()
    tokens = [None, holder.number, blocked.number, "nothing", {"qr": "AM1:NONSENSE"}]
    rides = [await on(day, tap, terminal, token, companions=1) for token in tokens]
    assert [(ride["reason"], ride["payable"], ride["companions"]) for ride in rides] == [("OK", "0.0000", 1)] * 5
    assert await (await town.db.execute(PEOPLE)).fetchall() == [(JELGAVA, None, None, None)] * 5
    assert await counters(town.db) == []
    last = await town.db.execute("SELECT count(*) FROM last_tap")
    assert await last.fetchone() == (0,)


async def test_t21_on_other_days_nothing_shown_is_the_full_price(town: Town, tap: Tap) -> None:
    await town.add_concession("ALL-DAYS", FREE, None, ALL_DAYS)
    ride = await on("2026-12-30", tap, await town.add_terminal(), None)
    assert (ride["verdict"], ride["reason"], ride["payable"]) == ("DENY", "NO_ENTITLEMENT", "0.8500")
    leaf = await town.db.execute("SELECT subject_kind, municipality_id, reason FROM audit WHERE action = 'tap.deny'")
    assert await leaf.fetchall() == [("terminal", None, "NO_ENTITLEMENT")]


async def test_what_everybody_may_use_begins_and_ends_with_its_terms_and_its_acceptance(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("ALL-DAYS", FREE, None, ALL_DAYS)
    terminal = await town.add_terminal()
    await town.add_revision(concession, date(2026, 12, 1), FREE, None, {"dates": ["12-31"]})
    assert (await on("2026-09-01", tap, terminal, None))["reason"] == "OK"
    assert (await on("2026-12-31", tap, terminal, None))["reason"] == "NO_ENTITLEMENT"
    await town.db.execute("DELETE FROM acceptance")
    assert (await on("2026-09-01", tap, terminal, None))["reason"] == "NO_ENTITLEMENT"


async def test_a_ride_of_everybody_is_answered_again_and_taken_back(town: Town, send: Send) -> None:
    await town.add_concession("ALL-DAYS", FREE, None, {"universal": True})
    terminal = await town.add_terminal()
    body = body_of(terminal, None)
    first, second = await send(terminal, body), await send(terminal, body)
    assert first.content == second.content
    assert (await send(terminal, {"seq": terminal.next(), "use_seq": body["seq"]}, REVERSE)).status_code == 200
    found = await town.db.execute("SELECT sum(discount), count(person_id) FROM use")
    assert await found.fetchall() == [(Decimal(0), 0)]

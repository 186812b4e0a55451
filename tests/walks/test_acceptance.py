"""Acceptance cases of real municipal rules, through HTTP, on a real PostgreSQL; each keeps its number."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from amis.granting.store import entitlements_of, explain
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import transaction
from rules.period import Days
from tests.town import CLERK, FARE, Site, needy, riga

SPRING = date(2026, 3, 1), date(2026, 5, 31)
FREE = Decimal(0)


async def test_t01_a_right_ends_at_midnight_in_riga_after_its_last_day(site: Site) -> None:
    with clock.moved(riga("2026-05-31 12:00")):
        assert await site.states(needy("R1", 1, *SPRING)) == ["applied"]
        _, shown = await site.issue()
    with clock.moved(riga("2026-05-31 23:59")):
        last = await site.tap(shown)
    with clock.moved(riga("2026-06-01 00:01")):
        next_day = await site.tap(shown)
    assert (last.verdict, last.payable) == ("ACCEPT", FREE)
    assert (next_day.verdict, next_day.reason, next_day.payable) == ("DENY", "NO_ENTITLEMENT", FARE)


async def test_t02_a_status_revoked_two_seconds_ago_counts_and_the_explanation_names_the_message(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        await site.states(needy("R1", 1, *SPRING))
        _, shown = await site.issue()
        assert (await site.tap(shown)).accepted
    with clock.moved(riga("2026-04-10 10:00:00")):
        assert await site.states(needy("R1", 2, *SPRING, op="withdraw", event_id="revoked-at-ten")) == ["applied"]
    with clock.moved(riga("2026-04-10 10:00:02")):
        after = await site.tap(shown)
        async with transaction(CLERK) as tx:
            explained = await explain(tx, await site.person(), clock.today())
    assert (after.verdict, after.reason) == ("DENY", "NO_ENTITLEMENT")
    lost = next(one for one in explained if one.rule.concession_code == "JLG-NEEDY20")
    assert not lost.holds
    assert lost.changed is not None
    assert "revoked-at-ten" in lost.changed.ref


async def test_t03_the_same_message_twice_is_unchanged_and_an_older_one_stale(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        newest = needy("R1", 2, *SPRING)
        assert await site.states(newest) == ["applied"]
        person = await site.person()
        async with transaction(CLERK) as tx:
            before = await entitlements_of(tx, person)
        assert await site.states(newest) == ["unchanged"]
        assert await site.states(needy("R1", 1, SPRING[0], date(2026, 12, 31))) == ["stale"]
        async with transaction(CLERK) as tx:
            assert await entitlements_of(tx, person) == before
    assert [one.periods for one in before] == [Days.parse("{[2026-03-01,2026-06-01)}")]


async def test_t04_a_renewal_before_expiry_gives_one_right_and_keeps_the_months_quota(site: Site) -> None:
    with clock.moved(riga("2026-05-20 09:00")):
        await site.states(needy("R1", 1, *SPRING))
        _, shown = await site.issue()
        assert (await site.tap(shown)).quota_left == 19
        assert await site.states(needy("R2", 1, date(2026, 5, 21), date(2026, 8, 31))) == ["applied"]
        async with transaction(CLERK) as tx:
            held = await entitlements_of(tx, await site.person())
        assert [one.periods for one in held] == [Days.parse("{[2026-03-01,2026-09-01)}")]
    with clock.moved(riga("2026-05-21 09:00")):
        assert (await site.tap(shown)).quota_left == 18


async def test_t06_the_twentieth_ride_of_a_month_is_free_and_the_next_pays(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        await site.states(needy("R1", 1, *SPRING))
        _, shown = await site.issue()
        rides = [await site.tap(shown, clock.now() + timedelta(minutes=1)) for _ in range(21)]
    assert [ride.quota_left for ride in rides[:20]] == list(range(19, -1, -1))
    assert {ride.payable for ride in rides[:20]} == {FREE}
    assert (rides[20].verdict, rides[20].reason, rides[20].payable) == ("DENY", "QUOTA_USED", Decimal("0.85"))
    with clock.moved(riga("2026-05-01 00:01")):
        assert (await site.tap(shown)).quota_left == 19


async def test_t29_a_lost_token_is_dead_at_once_the_new_one_works_and_the_quota_goes_on(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        await site.states(needy("R1", 1, *SPRING))
        token, shown = await site.issue()
        assert (await site.tap(shown)).quota_left == 19
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "lost")
        lost = await site.tap(shown)
        async with transaction(CLERK) as tx:
            fresh = await issuing.replace(tx, token, "lost")
            shown_now = (await tokens.open_credential(tx, fresh, "test")).text
        new, old = await site.tap(shown_now), await site.tap(shown)
    assert (lost.verdict, lost.reason, lost.payable) == ("DENY", "TOKEN_BLOCKED", FARE)
    assert (new.verdict, new.quota_left) == ("ACCEPT", 18)
    assert (old.verdict, old.reason) == ("DENY", "TOKEN_BLOCKED")


async def test_t33_an_old_token_found_after_its_replacement_is_to_be_handed_in(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        await site.states(needy("R1", 1, *SPRING))
        token, shown = await site.issue()
        async with transaction(CLERK) as tx:
            await issuing.replace(tx, token, "lost")
        found = await site.tap(shown)
    assert (found.verdict, found.reason) == ("DENY", "TOKEN_BLOCKED")
    assert "hand in" in found.text["en"].lower()
    assert "jānodod" in found.text["lv"].lower()


async def test_nothing_in_an_answer_tells_the_driver_who_or_why(site: Site) -> None:
    at = datetime(2026, 4, 10, 9, tzinfo=UTC)
    with clock.moved(at):
        await site.states(needy("R1", 1, *SPRING))
        _, shown = await site.issue()
        answer = repr(await site.tap(shown))
    for secret in ("Ozola", "Anna", "NEEDY", "TRUCIG", "32345678901"):
        assert secret not in answer

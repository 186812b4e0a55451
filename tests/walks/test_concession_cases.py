"""Real concessions of Latvian municipalities at the terminal, through HTTP; each case keeps its number."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from amis.concessions.seed_lv import DAUGAVPILS, JELGAVA, RIGA
from amis.granting.applications import ApplicationDraft, approve_application, submit_application
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.reporting.scope import usual
from amis.reporting.store import lines
from rules.tariff import to_cents
from terminals.message import Answer
from tests.town import FARE, Site, riga
from tests.walks.citizens import (
    CANTEEN,
    TRAIN,
    TRAM,
    Citizen,
    citizen,
    clerk,
    fact,
    open_places,
    somebody,
    states,
    token,
)

FREE = Decimal(0)


def said(answer: Answer) -> tuple[str, str, Decimal]:
    return answer.verdict, answer.reason, answer.payable


async def rides(site: Site, who: Citizen, number: int) -> list[Answer]:
    """So many rides, a minute after one another."""
    return [await site.tap(who.shown, clock.now() + timedelta(minutes=at)) for at in range(number)]


@pytest.fixture(autouse=True)
async def places(site: Site) -> None:
    await open_places(site, RIGA, DAUGAVPILS)


async def test_t07_twenty_rides_at_half_price_and_the_full_price_after_them(site: Site) -> None:
    with clock.moved(riga("2019-03-04 09:00")):
        who = await citizen(JELGAVA, "1950-01-01", fact("pension", "old_age"), fact("residence", "JLG"))
        made = await rides(site, who, 21)
    assert {ride.payable for ride in made[:20]} == {Decimal("0.4250")}
    assert to_cents(made[0].payable) == Decimal("0.43")  # half a cent is rounded up, where money changes hands
    assert said(made[20]) == ("DENY", "QUOTA_USED", FARE)


async def test_t08_unused_rides_are_kept_until_the_end_of_october(site: Site) -> None:
    since = date(2026, 9, 1)
    with clock.moved(riga("2026-09-10 09:00")):
        who = await citizen(JELGAVA, "1950-01-01", fact("pension", "old_age", since), fact("residence", "JLG"))
        assert [ride.quota_left for ride in await rides(site, who, 8)][-1] == 12
    with clock.moved(riga("2026-10-01 09:00")):
        assert (await site.tap(who.shown)).quota_left == 31
    with clock.moved(riga("2026-11-01 00:01")):
        assert (await site.tap(who.shown)).quota_left == 19


async def test_t09_the_sixth_ride_of_a_day_pays_and_midnight_gives_five_again(site: Site) -> None:
    # before the state gave orphans free rides everywhere, on 23 March 2024, the quota of the city was what they had
    with clock.moved(riga("2023-04-10 21:00")):
        who = await citizen(JELGAVA, "2010-01-01", fact("orphan"))
        made = await rides(site, who, 6)
    assert [ride.accepted for ride in made] == [True] * 5 + [False]
    assert said(made[5]) == ("DENY", "QUOTA_USED", FARE)
    with clock.moved(riga("2023-04-11 00:00")):
        assert (await site.tap(who.shown)).quota_left == 4


async def test_t10_a_pupil_rides_in_the_holidays_only_while_at_summer_work(site: Site) -> None:
    with clock.moved(riga("2026-07-15 09:00")):
        who = await citizen(JELGAVA, "2014-01-01", fact("grade", "5"), fact("residence", "JLG"))
        assert said(await site.tap(who.shown)) == ("DENY", "OUT_OF_TIME", FARE)
        await states(who, fact("summer_work", "yes", date(2026, 7, 1), date(2026, 8, 1)))
        assert said(await site.tap(who.shown)) == ("ACCEPT", "OK", FREE)
    with clock.moved(riga("2026-08-01 09:00")):
        assert (await site.tap(who.shown)).reason == "OUT_OF_TIME"


async def test_t11_half_a_euro_off_never_makes_a_fare_negative(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        who = await citizen(DAUGAVPILS, "1950-01-01", fact("residence", "DGP"))
        dear = await site.tap(who.shown, gross=Decimal("1.00"))
        cheap = await site.tap(who.shown, clock.now() + timedelta(minutes=1), gross=Decimal("0.40"))
    assert (dear.payable, cheap.payable) == (Decimal("0.50"), FREE)


async def test_t14_a_tram_was_chosen_so_the_bus_is_out_of_scope(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        person = await somebody(
            DAUGAVPILS, "1966-01-01", fact("chaes"), fact("employed", "no"), fact("residence", "DGP")
        )
        async with transaction(clerk(DAUGAVPILS)) as tx:
            concession = await tx.session.scalar(text("SELECT id FROM concession WHERE code = 'DGP-CHAES'"))
            await approve_application(tx, await submit_application(tx, ApplicationDraft(person, concession, "tram")))
        shown = await token(DAUGAVPILS, person)
        bus, tram = await site.tap(shown), await site.tap(shown, place=TRAM)
    assert said(bus) == ("DENY", "OUT_OF_SCOPE", FARE)
    assert said(tram) == ("ACCEPT", "OK", FREE)


async def test_t15_a_companion_rides_free_beside_a_holder_of_group_one_and_never_alone(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        holder = await citizen(JELGAVA, "1980-01-01", fact("disability", "I"))
        together = await site.tap(holder.shown, companions=1)
        alone = await site.tap(None, companions=1)
    assert said(together) == ("ACCEPT", "OK", FREE)
    assert together.companions == 1
    assert said(alone) == ("DENY", "COMPANION_WITHOUT_HOLDER", FARE)


async def test_t16_group_two_rides_free_and_its_companion_does_not(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        holder = await citizen(JELGAVA, "1980-01-01", fact("disability", "II"))
        made = await site.tap(holder.shown, companions=1)
    assert said(made) == ("ACCEPT", "OK", FREE)
    assert made.companions == 0


async def test_t17_the_childs_concession_ends_on_the_eighteenth_birthday_and_the_group_decides(site: Site) -> None:
    birthday = date(2026, 6, 15)
    childhood = fact("disability", "child", date(2010, 1, 1))
    with clock.moved(riga("2026-06-14 23:59")):
        without = await citizen(JELGAVA, "2008-06-15", childhood)
        grouped = await citizen(
            JELGAVA, "2008-06-15", replace(childhood, record_id="T17"), fact("disability", "II", birthday)
        )
        assert (await site.tap(without.shown)).accepted
    with clock.moved(riga("2026-06-15 00:01")):
        assert said(await site.tap(without.shown)) == ("DENY", "NO_ENTITLEMENT", FARE)
        assert said(await site.tap(grouped.shown)) == ("ACCEPT", "OK", FREE)


async def test_t18_a_studying_orphan_has_the_right_until_the_day_before_turning_24(site: Site) -> None:
    with clock.moved(riga("2026-06-14 12:00")):
        who = await citizen(JELGAVA, "2002-06-15", fact("orphan"), fact("studying", "yes"))
        assert (await site.tap(who.shown, place=TRAIN)).accepted
    with clock.moved(riga("2026-06-15 00:01")):
        assert said(await site.tap(who.shown, place=TRAIN)) == ("DENY", "NO_ENTITLEMENT", FARE)


async def test_t19_of_the_familys_concessions_the_best_of_each_product_counts(site: Site) -> None:
    price = Decimal("10.00")
    with clock.moved(riga("2026-04-10 09:00")):
        family = await citizen(JELGAVA, "1985-01-01", fact("goda"))
        student = await citizen(JELGAVA, "2004-01-01", fact("goda"), fact("studying", "yes"))
        paid = {
            (name, product): (await site.tap(who.shown, gross=price, place=TRAIN, product=product)).payable
            for name, who in (("family", family), ("student", student))
            for product in ("single", "season")
        }
    assert paid == {
        ("family", "single"): Decimal("5.00"),
        ("family", "season"): Decimal("6.00"),
        ("student", "single"): Decimal("1.00"),
        ("student", "season"): Decimal("6.00"),
    }


@pytest.mark.parametrize("day", ["2026-05-04", "2026-11-11", "2026-11-18"])
async def test_t20_on_three_days_of_the_year_the_family_rides_free(site: Site, day: str) -> None:
    with clock.moved(riga(f"{day} 09:00")):
        family = await citizen(JELGAVA, "1985-01-01", fact("goda"))
        assert said(await site.tap(family.shown, place=TRAIN)) == ("ACCEPT", "OK", FREE)
    with clock.moved(riga(f"{day} 09:00") + timedelta(days=1)):
        assert (await site.tap(family.shown, place=TRAIN)).payable == FARE / 2


@pytest.mark.parametrize("day", ["2026-12-31", "2027-01-01", "2026-09-01"])
async def test_t21_on_universal_days_everybody_rides_free_and_nobody_is_recorded(site: Site, day: str) -> None:
    with clock.moved(riga(f"{day} 09:00")):
        assert said(await site.tap(None)) == ("ACCEPT", "OK", FREE)
        async with transaction(clerk(RIGA)) as tx:
            recorded = await tx.session.execute(text("SELECT person_id, token_id FROM use"))
        assert recorded.all() == [(None, None)]
    with clock.moved(riga(f"{day} 09:00") + timedelta(days=2)):
        assert said(await site.tap(None)) == ("DENY", "NO_ENTITLEMENT", FARE)


async def test_t26_three_lunches_are_paid_in_exact_halves_and_rounded_on_the_invoice_only(site: Site) -> None:
    with clock.moved(riga("2026-10-05 11:00")):
        pupil = await citizen(RIGA, "2018-05-01", fact("grade", "2"))
        lunches = [
            await site.tap(
                pupil.shown, clock.now() + timedelta(days=day), Decimal("3.09"), place=CANTEEN, product="school_lunch"
            )
            for day in range(3)
        ]
        async with transaction(clerk(RIGA)) as tx:
            found = await lines(tx, usual(clock.today()))
    assert [lunch.payable for lunch in lunches] == [FREE] * 3
    assert {line.funder: line.discount for line in found} == {"LV": Decimal("4.635"), "RIX": Decimal("4.635")}
    assert sum(line.discount for line in found) == 3 * Decimal("3.09")
    assert to_cents(Decimal("4.635")) == Decimal("4.64")

"""Acceptance cases at the decision: real terms of Latvian concessions, told with what a holder pays."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest

from rules.claim import Counter, Decision, EntitlementClaim, Holder, Memory, Tap, TokenState, Verdict
from rules.decision import decide
from rules.funding import Funding, split
from rules.period import Days
from rules.reason import Reason
from rules.tariff import ZERO, Discount, DiscountKind, Per, Quota, to_cents
from rules.terms import Place, Terms
from rules.wire import amount
from tests.rules.taps import BUS, FARE, FREE, HALF, MONTHLY, ONLINE, TRAM, holder, right, tap, terms_of

MAY = date(2026, 5, 1)
SCHOOL_YEAR = Days.parse("{[2025-09-01,2026-06-01)}")
EVER = Days.parse("{[2010-01-01,)}")


def decided(asked: Tap, who: Holder, memory: Memory | None = None, **special: Terms) -> Decision:
    return decide(asked, who, terms_of(who, **special), memory or Memory(), ONLINE)


def ridden(days: Iterable[str], who: Holder) -> dict[Counter, int]:
    """The counters after one ride on each of the days, all taken."""
    used: dict[Counter, int] = {}
    for day in days:
        ride = decided(tap(f"{day}T12:00"), who, Memory(dict(used)))
        assert ride.verdict is Verdict.ACCEPT
        assert ride.code is not None
        assert ride.window is not None
        used[ride.code, ride.window] = used.get((ride.code, ride.window), 0) + ride.units
    return used


def test_t06_ride_20_of_a_needy_person_is_free_and_ride_21_costs_the_full_price() -> None:
    who = holder(right("JLG-NEEDY20", FREE, MONTHLY))
    twentieth = decided(tap(), who, Memory({("JLG-NEEDY20", MAY): 19}))
    assert (twentieth.verdict, twentieth.payable, twentieth.quota_left) == (Verdict.ACCEPT, ZERO, 0)
    after = decided(tap(), who, Memory({("JLG-NEEDY20", MAY): 20}))
    assert (after.verdict, after.reason, after.payable) == (Verdict.DENY, Reason.QUOTA_USED, FARE)


def test_t07_half_price_for_20_rides_then_the_full_price() -> None:
    who = holder(right("JLG-PENS2018", HALF, MONTHLY))
    paid = [decided(tap(), who, Memory({("JLG-PENS2018", MAY): used})).payable for used in range(21)]
    assert [amount(each) for each in paid] == ["0.4250"] * 20 + ["0.8500"]
    # a till that has no half-cents rounds each ride half up; an invoice rounds its total alone
    assert str(to_cents(paid[0])) == "0.43"
    assert str(to_cents(sum(paid, ZERO))) == "9.35"


def test_t08_twelve_rides_left_in_september_and_twenty_new_ones_make_32_in_october() -> None:
    pension = right(
        "JLG-PENS20", FREE, Quota(20, Per.MONTH, carry_until="10-31"), periods=Days.parse("{[2026-09-01,)}")
    )
    who = holder(pension)
    used = ridden((f"2026-09-{day:02}" for day in range(1, 9)), who)
    assert decided(tap("2026-09-30T12:00"), who, Memory(used)).quota_left == 12 - 1
    assert decided(tap("2026-10-01T12:00"), who, Memory(used)).quota_left == 32 - 1
    counter = ("JLG-PENS20", date(2025, 11, 1))
    last = decided(tap("2026-10-31T23:59"), who, Memory({counter: 39}))
    assert (last.verdict, last.quota_left) == (Verdict.ACCEPT, 0)
    assert decided(tap("2026-10-31T23:59"), who, Memory({counter: 40})).reason is Reason.QUOTA_USED
    november = decided(tap("2026-11-01T00:00"), who, Memory({counter: 8}))
    assert (november.quota_left, november.window) == (20 - 1, date(2026, 11, 1))


def test_t09_an_orphan_rides_five_times_a_day() -> None:
    who = holder(right("JLG-ORPHAN5", FREE, Quota(5, Per.DAY)))
    memory = Memory({("JLG-ORPHAN5", date(2026, 5, 10)): 5})
    assert decided(tap("2026-05-10T23:59"), who, memory).reason is Reason.QUOTA_USED
    midnight = decided(tap("2026-05-11T00:00"), who, memory)
    assert (midnight.verdict, midnight.quota_left, midnight.window) == (Verdict.ACCEPT, 4, date(2026, 5, 11))


def test_t10_a_pupil_in_july_rides_only_with_summer_work() -> None:
    terms = Terms(calendar=SCHOOL_YEAR, waiver="summer_work")
    pupil = right("JLG-PUPIL4", FREE, Quota(4, Per.DAY))
    working = right("JLG-PUPIL4", FREE, Quota(4, Per.DAY), flags=frozenset({"summer_work"}))
    july = tap("2026-07-15T08:00")
    idle = decided(july, holder(pupil), JLG_PUPIL4=terms)
    assert (idle.verdict, idle.reason, idle.payable) == (Verdict.DENY, Reason.OUT_OF_TIME, FARE)
    assert decided(july, holder(working), JLG_PUPIL4=terms).quota_left == 3
    assert decided(tap("2026-05-15T08:00"), holder(pupil), JLG_PUPIL4=terms).verdict is Verdict.ACCEPT


def test_t11_half_a_euro_off_is_never_negative() -> None:
    who = holder(right("DGP-PENSION", Discount(DiscountKind.AMOUNT_OFF, Decimal("0.50"))))
    assert [amount(decided(tap(gross=gross), who).payable) for gross in ("1.00", "0.40")] == ["0.5000", "0.0000"]


def test_t14_the_holder_chose_the_tram() -> None:
    terms = Terms(modes=frozenset({"bus", "tram"}), holder_mode=True)
    who = holder(right("DGP-CHAES", modes=frozenset({"tram"})))
    assert decided(tap(place=BUS), who, DGP_CHAES=terms).reason is Reason.OUT_OF_SCOPE
    assert decided(tap(place=TRAM), who, DGP_CHAES=terms).verdict is Verdict.ACCEPT
    undecided = holder(right("DGP-CHAES"))
    assert {decided(tap(place=each), undecided, DGP_CHAES=terms).reason for each in (BUS, TRAM)} == {
        Reason.OUT_OF_SCOPE
    }


def test_t15_a_companion_rides_only_with_the_holder() -> None:
    with_holder = decided(tap(companions=1), holder(right("LV-DIS-1")), LV_DIS_1=Terms(companions=1))
    assert (with_holder.verdict, with_holder.companions, with_holder.payable) == (Verdict.ACCEPT, 1, ZERO)
    for alone in (holder(), Holder(TokenState.NONE)):
        refused = decided(tap(companions=1), alone)
        assert (refused.verdict, refused.reason) == (Verdict.DENY, Reason.COMPANION_WITHOUT_HOLDER)
        assert refused.companions == 0


def test_t16_group_ii_takes_no_companion() -> None:
    decision = decided(tap(companions=1), holder(right("LV-DIS-2")))
    assert (decision.verdict, decision.companions) == (Verdict.ACCEPT, 0)


def test_t17_on_the_18th_birthday_the_group_decides() -> None:
    child = right("LV-DIS-CHILD", periods=Days.parse("{[2012-01-01,2026-05-10)}"))
    eve, birthday = tap("2026-05-09T23:59"), tap("2026-05-10T00:00")
    assert decided(eve, holder(child)).code == "LV-DIS-CHILD"
    assert decided(birthday, holder(child)).reason is Reason.NO_ENTITLEMENT
    group = right("LV-DIS-1-2", periods=Days.parse("{[2026-05-10,)}"))
    assert decided(eve, holder(child, group)).code == "LV-DIS-CHILD"
    assert decided(birthday, holder(child, group)).code == "LV-DIS-1-2"


def test_t18_an_orphans_right_ends_on_the_24th_birthday() -> None:
    who = holder(right("LV-ORPHAN", periods=Days.parse("{[2020-09-01,2026-05-10)}")))
    last = decided(tap("2026-05-09T23:59"), who)
    assert (last.verdict, last.reason) == (Verdict.ACCEPT, Reason.OK_EXPIRES_SOON)
    assert decided(tap("2026-05-10T00:00"), who).reason is Reason.NO_ENTITLEMENT


SINGLE, SEASON = Terms(products=frozenset({"single"})), Terms(products=frozenset({"season"}))
GODA_TERMS = {"LV_GODA_50": SINGLE, "LV_GODA_STUD": SINGLE, "LV_GODA_40": SEASON}


def goda(code: str, off: int) -> EntitlementClaim:
    return right(code, Discount(DiscountKind.PERCENT, Decimal(off)))


@pytest.mark.parametrize(
    ("product", "gross", "studies", "code", "payable"),
    [
        ("single", "1.00", False, "LV-GODA-50", "0.5000"),
        ("single", "1.00", True, "LV-GODA-STUD", "0.1000"),
        ("season", "40.00", False, "LV-GODA-40", "24.0000"),
        ("season", "40.00", True, "LV-GODA-40", "24.0000"),
    ],
)
def test_t19_the_best_right_for_each_product(product: str, gross: str, studies: bool, code: str, payable: str) -> None:
    family = [goda("LV-GODA-50", 50), goda("LV-GODA-40", 40)]
    who = holder(*family, goda("LV-GODA-STUD", 90)) if studies else holder(*family)
    decision = decided(tap(gross=gross, product=product), who, **GODA_TERMS)
    assert (decision.code, amount(decision.payable)) == (code, payable)


def test_t20_on_the_three_days_the_family_rides_free() -> None:
    who = holder(right("LV-GODA-50", HALF), right("LV-GODA-DAYS"))
    days = Terms(dates=frozenset({"05-04", "11-11", "11-18"}))
    asked = ["2026-05-04T12:00", "2026-11-11T12:00", "2026-11-18T12:00", "2026-05-05T12:00"]
    paid = [amount(decided(tap(at), who, LV_GODA_DAYS=days).payable) for at in asked]
    assert paid == ["0.0000"] * 3 + ["0.4250"]


@pytest.mark.parametrize("day", ["2026-12-31", "2027-01-01", "2026-09-01"])
def test_t21_everybody_rides_free_in_riga_without_a_token(day: str) -> None:
    all_days = right("RIX-ALL-DAYS", periods=EVER)
    terms = Terms(dates=frozenset({"12-31", "01-01", "2026-09-01"}), universal=True)
    stranger = holder(state=TokenState.NONE, universal=(all_days,))
    free = decided(tap(f"{day}T12:00"), stranger, RIX_ALL_DAYS=terms)
    assert (free.verdict, free.reason, free.payable, free.units) == (Verdict.ACCEPT, Reason.OK, ZERO, 0)
    blocked = holder(state=TokenState.BLOCKED, universal=(all_days,))
    assert decided(tap(f"{day}T12:00"), blocked, RIX_ALL_DAYS=terms) == free
    quota = holder(right("RIX-TEN", FREE, MONTHLY, periods=EVER), universal=(all_days,))
    assert decided(tap(f"{day}T12:00"), quota, RIX_ALL_DAYS=terms) == free


def test_t21_on_all_other_days_nothing_shown_is_the_full_price() -> None:
    terms = Terms(dates=frozenset({"12-31", "01-01"}), universal=True)
    stranger = holder(state=TokenState.NONE, universal=(right("RIX-ALL-DAYS"),))
    for day in ("2026-12-30T23:59", "2026-01-02T00:00"):
        decision = decided(tap(day), stranger, RIX_ALL_DAYS=terms)
        assert (decision.verdict, decision.reason, decision.payable) == (Verdict.DENY, Reason.NO_ENTITLEMENT, FARE)


def test_t24_an_order_suspends_and_everything_comes_back_by_itself() -> None:
    ordered = right("JLG-PUPIL4", periods=EVER, suspended=Days.parse("{[2021-10-22,2021-11-16)}"))
    grade_2 = right("JLG-PUPIL4", periods=EVER, suspended=Days.parse("{[2021-10-22,2021-11-01)}"))

    def refused(who: EntitlementClaim) -> list[str]:
        days = ["2021-10-21", "2021-10-22", "2021-10-31", "2021-11-01", "2021-11-15", "2021-11-16"]
        decisions = {day: decided(tap(f"{day}T12:00"), holder(who)) for day in days}
        denied = [day for day in days if decisions[day].verdict is Verdict.DENY]
        assert all(decisions[day].reason is Reason.ENTITLEMENT_SUSPENDED for day in denied)
        return denied

    assert refused(ordered) == ["2021-10-22", "2021-10-31", "2021-11-01", "2021-11-15"]
    assert refused(grade_2) == ["2021-10-22", "2021-10-31"]


def test_t26_the_state_and_the_city_share_a_lunch_to_the_half_cent() -> None:
    halves = [{"funder": "LV", "amount": "1.545"}, {"funder": "RIX", "amount": "1.545"}]
    canteen = Place("canteen-1", "RIX-SCHOOL", "canteen")
    lunch = decided(tap(place=canteen, gross="3.09", product="lunch"), holder(right("RIX-MEAL-1-4")))
    assert lunch.payable == ZERO
    shares = dict(split(Decimal("3.09") - lunch.payable, Funding.from_json(halves), "RIX"))
    assert shares == {"LV": Decimal("1.545"), "RIX": Decimal("1.545")}
    invoices = {funder: 3 * share for funder, share in shares.items()}
    assert {funder: amount(total) for funder, total in invoices.items()} == {"LV": "4.6350", "RIX": "4.6350"}
    assert sum(invoices.values()) == 3 * Decimal("3.09")
    assert {str(to_cents(total)) for total in invoices.values()} == {"4.64"}


@pytest.mark.parametrize(
    ("applied", "starts"),
    [("2026-05-27", "2026-06-01"), ("2026-05-28", "2026-07-01"), ("2026-12-27", "2027-01-01"),
     ("2026-12-28", "2027-02-01"), ("2026-11-30", "2027-01-01"), ("2026-05-01", "2026-06-01")],
)  # fmt: skip
def test_t28_applied_for_by_the_27th_it_starts_next_month(applied: str, starts: str) -> None:
    assert Terms(cut_off_day=27).starts_on(date.fromisoformat(applied)) == date.fromisoformat(starts)
    assert Terms().starts_on(date.fromisoformat(applied)) == date.fromisoformat(applied)

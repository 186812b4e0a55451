"""Windows and limits of quotas, uses that are carried over, allowances of money."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import MissingKey, OutOfRange, Refused, UnknownKey, UnknownWord, WrongType
from rules.period import ALWAYS, Days
from rules.quota import Per, Quota, euros
from tests.rules.draws import allowances, carried, day_sets, days_of_pool, quotas

ONE_DAY = timedelta(days=1)
PENS20 = Quota(20, Per.MONTH, "10-31")


@given(quotas)
def test_a_quota_written_and_read_is_the_same(quota: Quota) -> None:
    assert Quota.from_json(quota.to_json()) == quota


@given(quotas, days_of_pool, day_sets)
def test_a_window_starts_on_or_before_its_day_and_holds_its_own_start(quota: Quota, day: date, periods: Days) -> None:
    start = quota.window(day, periods)
    assert start <= day
    assert quota.window(start, periods) == start


def cycle_by_hand(day: date, carry_until: str) -> date:
    """The first day of the cycle, found by walking back day by day."""
    while (day - ONE_DAY).isoformat()[5:] != carry_until:
        day -= ONE_DAY
    return day


def windows_by_hand(quota: Quota, first: date, day: date, periods: Days) -> int:
    """The windows from `first` to `day` in which the right has a day, counted day by day."""
    name = {Per.DAY: "%Y-%m-%d", Per.WEEK: "%G-%V", Per.MONTH: "%Y-%m"}[quota.per]
    days = (first + timedelta(days=step) for step in range((day - first).days + 1))
    return len({each.strftime(name) for each in days if each in periods})


@given(carried, days_of_pool, day_sets, st.just(date.min) | days_of_pool)
def test_the_limit_of_a_cycle_is_what_its_windows_so_far_give(
    quota: Quota, day: date, periods: Days, since: date
) -> None:
    assert quota.carry_until is not None
    first = cycle_by_hand(day, quota.carry_until)
    assert quota.window(day, periods) == first
    assert quota.limit(day, periods, since) == quota.n * windows_by_hand(quota, max(first, since), day, periods)


@given(carried, days_of_pool, day_sets, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9)), max_size=8))
def test_uses_of_a_cycle_never_pass_its_windows_so_far_and_nothing_is_left_after_the_cut(
    quota: Quota, day: date, periods: Days, wishes: list[tuple[int, int]]
) -> None:
    assert quota.carry_until is not None
    used: dict[date, int] = {}
    for later, wish in sorted(wishes):
        on = day + timedelta(days=later)
        window = quota.window(on, periods)
        used[window] = used.get(window, 0) + max(0, min(wish, quota.limit(on, periods) - used.get(window, 0)))
        assert used[window] <= quota.n * windows_by_hand(quota, window, on, periods)
        if on.isoformat()[5:] == quota.carry_until:
            assert quota.limit(on + ONE_DAY, ALWAYS) == quota.n


@given(carried, days_of_pool, day_sets, day_sets)
def test_more_days_of_a_right_never_lower_the_limit(quota: Quota, day: date, some: Days, more: Days) -> None:
    assert quota.limit(day, some) <= quota.limit(day, some | more)


@given(allowances, days_of_pool, day_sets)
def test_an_allowance_is_counted_in_the_smallest_amount_that_prices_know(
    quota: Quota, day: date, periods: Days
) -> None:
    assert euros(quota.limit(day, periods)) == quota.amount


@pytest.mark.parametrize(
    ("per", "start"),
    [(Per.DAY, "2026-05-10"), (Per.WEEK, "2026-05-04"), (Per.MONTH, "2026-05-01"), (Per.YEAR, "2026-01-01"),
     (Per.PERIOD, "2026-03-15")],
)  # fmt: skip
def test_windows_of_a_sunday_in_may(per: Per, start: str) -> None:
    periods = Days.parse("{[2025-01-01,2025-06-01),[2026-03-15,2026-09-01)}")
    assert Quota(1, per).window(date(2026, 5, 10), periods) == date.fromisoformat(start)


def test_t04_a_month_is_not_restarted_when_the_right_is_renewed_in_it() -> None:
    renewed = Days.parse("{[2026-03-01,2026-05-15),[2026-05-15,2026-08-15)}")
    assert Quota(20, Per.MONTH).window(date(2026, 5, 20), renewed) == date(2026, 5, 1)
    assert Quota(20, Per.PERIOD).window(date(2026, 5, 20), renewed) == date(2026, 3, 1)


def test_a_right_of_ten_months_then_the_cut() -> None:
    days = ["2025-10-31", "2025-11-01", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"]
    assert [PENS20.limit(date.fromisoformat(day), ALWAYS) for day in days] == [240, 20, 220, 240, 240, 20]


def test_two_periods_that_share_a_month_count_it_once() -> None:
    periods = Days.parse("{[2026-01-10,2026-01-15),[2026-01-20,2026-02-05)}")
    assert PENS20.limit(date(2026, 2, 1), periods) == 40


def test_days_before_the_terms_carry_over_and_days_to_come_give_nothing() -> None:
    ended = Days.parse("{[2026-01-01,2026-05-20),[2026-06-01,)}")
    assert PENS20.limit(date(2026, 6, 10), ended, since=date(2026, 5, 20)) == 20
    assert PENS20.limit(date(2026, 6, 10), ended, since=date(2026, 5, 19)) == 40
    assert PENS20.limit(date(2026, 5, 10), Days.parse("{[2026-05-20,)}")) == 0
    assert PENS20.limit(date(2026, 5, 10), ALWAYS, since=date(2026, 5, 20)) == 0


def test_the_first_and_the_last_day_of_the_calendar_have_a_cycle() -> None:
    assert PENS20.window(date.min, ALWAYS) == date.min
    assert PENS20.limit(date.max, Days((date.max,))) == 20


def test_counters_that_may_start_on_one_day_are_told_apart() -> None:
    kinds = [Quota(1, Per.MONTH), PENS20, Quota(0, Per.MONTH, amount=Decimal(5)), Quota(1, Per.DAY)]
    assert [quota.kind for quota in kinds] == ["month", "month-10-31", "month-eur", "day"]


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        ({"n": 0, "per": "day"}, OutOfRange, "/n"),
        ({"n": True, "per": "day"}, WrongType, "/n"),
        ({"n": 1, "per": "hour"}, UnknownWord, "/per"),
        ({"n": 1}, MissingKey, "/per"),
        ({"per": "day"}, MissingKey, "/n"),
        ({"n": 1, "per": "month", "carry_until": "02-29"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "day", "carry_until": "02-29"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "month", "carry_until": "02-28"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "month", "carry_until": "10-30"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "month", "carry_until": "11-31"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "year", "carry_until": "10-31"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "period", "carry_until": "10-31"}, OutOfRange, "/carry_until"),
        ({"n": 1, "per": "month", "carry_until": "2026-10-31"}, WrongType, "/carry_until"),
        ({"n": 1, "per": "month", "carry_until": 1031}, WrongType, "/carry_until"),
        ({"amount": "0", "per": "month"}, OutOfRange, "/amount"),
        ({"amount": "100000.01", "per": "month"}, OutOfRange, "/amount"),
        ({"amount": 30, "per": "month"}, WrongType, "/amount"),
        ({"amount": "30", "n": 1, "per": "month"}, UnknownKey, "/n"),
        ({"amount": "30", "per": "month", "carry_until": "10-31"}, UnknownKey, "/carry_until"),
        ("20 a month", WrongType, ""),
    ],
)
def test_a_quota_that_does_not_fit_is_refused_with_its_place(value: object, error: type[Refused], place: str) -> None:
    with pytest.raises(error) as caught:
        Quota.from_json(value)
    assert caught.value.place == place

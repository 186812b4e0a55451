"""Sets of days: the laws of the algebra, half-openness, and the text form."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import EmptyPeriod, MalformedDays, ReversedPeriod
from rules.period import ALWAYS, EMPTY, Days, Period, at_least, intersection, union
from tests.rules.draws import EVERY_DAY_NEAR, day_sets, days_of_pool, periods

SPRING = Days.of(Period(date(2026, 3, 1), date(2026, 6, 1)))


@given(day_sets)
def test_complement_twice_is_the_set_itself(days: Days) -> None:
    assert ~~days == days
    assert days | ~days == ALWAYS
    assert days & ~days == EMPTY


@given(day_sets, day_sets)
def test_de_morgan(a: Days, b: Days) -> None:
    assert ~(a | b) == ~a & ~b
    assert ~(a & b) == ~a | ~b
    assert a - b == a & ~b


@given(day_sets, day_sets, day_sets)
def test_union_and_intersection_distribute_commute_and_associate(a: Days, b: Days, c: Days) -> None:
    assert a & (b | c) == (a & b) | (a & c)
    assert a | b == b | a
    assert union([a, b, c]) == a | (b | c)
    assert intersection([a, b, c]) == a & (b & c)


@given(day_sets, day_sets)
def test_each_day_of_a_result_follows_from_the_same_day_of_its_parts(a: Days, b: Days) -> None:
    for day in EVERY_DAY_NEAR:
        assert (day in a | b) == (day in a or day in b)
        assert (day in a & b) == (day in a and day in b)
        assert (day in ~a) == (day not in a)


@given(day_sets, day_sets)
def test_a_subset_has_no_day_outside(a: Days, b: Days) -> None:
    assert (a <= b) == (not a - b) == (a | b == b)


@given(periods())
def test_a_period_holds_its_first_day_and_not_its_end(period: Period) -> None:
    days = Days.of(period)
    if period.start is not None:
        assert period.start in days
        assert period.start - timedelta(days=1) not in days
    if period.end is not None:
        assert period.end not in days
        assert period.end - timedelta(days=1) in days


@given(day_sets)
def test_the_normal_form_has_rising_edges_and_periods_that_do_not_touch(days: Days) -> None:
    assert all(a < b for a, b in pairwise(days.edges))
    for left, right in pairwise(days):
        assert left.end is not None
        assert right.start is not None
        assert left.end < right.start
    assert Days.of(*days) == days


@given(day_sets)
def test_the_text_reads_back_to_the_same_set(days: Days) -> None:
    assert Days.parse(str(days)) == days


@given(day_sets, days_of_pool)
def test_next_change_is_the_first_day_that_differs(days: Days, day: date) -> None:
    change = days.next_change(day)
    until = change or max(EVERY_DAY_NEAR)
    assert all((near in days) == (day in days) for near in EVERY_DAY_NEAR if day <= near < until)
    assert change is None or (change in days) != (day in days)


@given(day_sets, days_of_pool)
def test_the_period_of_a_day_is_the_one_that_holds_it(days: Days, day: date) -> None:
    found = days.period_at(day)
    assert (found is not None) == (day in days)
    assert found is None or (found in list(days) and day in Days.of(found))
    first = days.first_from(day)
    assert first is None or (first in days and first >= day)


def test_the_period_of_a_day_is_found_among_several() -> None:
    days = Days.parse("{(,2024-01-01),[2026-03-01,2026-06-01),[2026-09-01,)}")
    found = [days.period_at(day) for day in (date(2023, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 9, 1))]
    assert [each and str(each) for each in found] == [
        "(,2024-01-01)",
        "[2026-03-01,2026-06-01)",
        None,
        "[2026-09-01,)",
    ]


def test_adjacent_periods_become_one() -> None:
    assert str(Days.parse("{[2026-03-01,2026-06-01),[2026-01-01,2026-03-01)}")) == "{[2026-01-01,2026-06-01)}"


@pytest.mark.parametrize(
    ("text", "edges", "ever"),
    [("{}", 0, False), ("{(,)}", 0, True), ("{(,2026-01-01)}", 1, True), ("{[2026-01-01,)}", 1, False)],
)
def test_open_ends_are_written_as_postgresql_does(text: str, edges: int, ever: bool) -> None:
    days = Days.parse(text)
    assert (len(days.edges), days.ever, str(days)) == (edges, ever, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[2026-01-01,2026-02-01)",
        "{[2026-01-01,2026-02-01]}",
        "{[2026-02-30,)}",
        "{(2026-01-01,)}",
        "{[,)}",
    ],
)
def test_other_text_is_refused_and_shown(text: str) -> None:
    with pytest.raises(MalformedDays, match=re.escape(repr(text))):
        Days.parse(text)


def test_of_a_long_text_the_beginning_is_shown() -> None:
    impossible = "{" + ",".join(["[2026-02-30,)"] * 9) + "}"
    for text in ("x" * 99, impossible):
        with pytest.raises(MalformedDays) as caught:
            Days.parse(text)
        assert str(caught.value).endswith(f" {text[:80]!r}")


def test_empty_and_reversed_periods_are_told_apart() -> None:
    with pytest.raises(EmptyPeriod, match="2026-03-01"):
        Period(date(2026, 3, 1), date(2026, 3, 1))
    with pytest.raises(ReversedPeriod, match="2026-03-02"):
        Period(date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(ReversedPeriod, match=r"2026-03-02 \.\. 2026-03-01"):
        Period.inclusive(date(2026, 3, 2), date(2026, 3, 1))


def test_people_write_the_last_day() -> None:
    assert Period.inclusive(date(2026, 3, 1), date(2026, 5, 31)) == next(iter(SPRING))
    assert Period.inclusive(date(2026, 3, 1), None).last is None
    assert Period.inclusive(None, date.max).end is None
    assert Period.inclusive(date(2026, 3, 1), date(2026, 3, 1)).last == date(2026, 3, 1)


@given(st.lists(day_sets, max_size=4), st.integers(0, 4))
def test_at_least_so_many_of_the_sets_hold_each_of_its_days(sets: list[Days], count: int) -> None:
    days = at_least(sets, count)
    assert Days.of(*days) == days
    for day in EVERY_DAY_NEAR:
        assert (day in days) == (sum(day in each for each in sets) >= count)

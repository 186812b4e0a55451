"""Moving the ends of day sets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.period import Days
from rules.shift import Boundary, add_months, extend_to, grace, held
from tests.rules.draws import day_sets


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(9998, 12, 31), 2, date(9999, 2, 28)),
        (date(9999, 12, 1), 1, None),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(
    day: date, months: int, expected: date | None
) -> None:
    assert add_months(day, months) == expected


def test_held_counts_a_renewal_without_a_gap_as_continuous() -> None:
    days = Days.parse("{[2026-01-01,2026-02-01),[2026-02-01,2026-04-01),[2026-05-01,2026-05-20)}")
    assert str(held(days, 1)) == "{[2026-02-01,2026-04-01)}"


def test_what_ends_on_the_day_on_which_it_would_have_been_held_long_enough_is_not_held() -> None:
    assert held(Days.parse("{[2026-01-01,2026-02-01)}"), 1) == Days()
    assert str(held(Days.parse("{[2026-01-01,2026-02-02)}"), 1)) == "{[2026-02-01,2026-02-02)}"


def test_grace_prolongs_each_end() -> None:
    assert (
        str(grace(Days.parse("{[2026-01-01,2026-02-01),[2026-06-01,)}"), 1))
        == "{[2026-01-01,2026-03-01),[2026-06-01,)}"
    )


@pytest.mark.parametrize(
    ("boundary", "last_days"),
    [
        (Boundary.MONTH_END, {"2026-05-01": "2026-05-01", "2026-05-02": "2026-06-01", "2027-01-01": "2027-01-01"}),
        (
            Boundary.SCHOOL_YEAR_END,
            {"2026-05-02": "2026-09-01", "2026-09-01": "2026-09-01", "2026-09-02": "2027-09-01"},
        ),
        (Boundary.YEAR_END, {"2026-05-02": "2027-01-01", "2027-01-01": "2027-01-01"}),
    ],
)
def test_an_end_moves_to_the_boundary_after_its_last_day(boundary: Boundary, last_days: dict[str, str]) -> None:
    for end, moved in last_days.items():
        assert str(extend_to(Days.parse(f"{{[2026-01-01,{end})}}"), boundary)) == f"{{[2026-01-01,{moved})}}"


def test_past_the_last_year_an_end_becomes_open_and_a_late_start_falls_away() -> None:
    late = Days.parse("{[9999-12-01,9999-12-31)}")
    assert not held(late, 1)
    assert str(grace(late, 1)) == "{[9999-12-01,)}"
    assert str(extend_to(late, Boundary.YEAR_END)) == "{[9999-12-01,)}"


@given(day_sets, day_sets, st.integers(1, 14), st.sampled_from(Boundary))
def test_a_wider_set_never_gives_a_narrower_result(a: Days, b: Days, months: int, boundary: Boundary) -> None:
    wider = a | b
    assert held(a, months) <= held(wider, months)
    assert grace(a, months) <= grace(wider, months)
    assert extend_to(a, boundary) <= extend_to(wider, boundary)


@given(day_sets, st.integers(1, 14), st.sampled_from(Boundary))
def test_held_only_takes_days_away_and_the_others_only_add(days: Days, months: int, boundary: Boundary) -> None:
    assert held(days, months) <= days <= grace(days, months)
    moved = extend_to(days, boundary)
    assert days <= moved
    for period in moved:
        if period.end is not None:
            assert period.end.day == 1
            assert period.end - timedelta(days=1) == period.last

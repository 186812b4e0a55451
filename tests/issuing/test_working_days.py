"""Working days of Latvia, against calendars that were published."""

from datetime import date, timedelta

import pytest

from amis.issuing.working_days import after_working_days, easter, holidays, is_working

EASTERS = (
    "2000-04-23",
    "2008-03-23",
    "2019-04-21",
    "2024-03-31",
    "2025-04-20",
    "2026-04-05",
    "2027-03-28",
    "2038-04-25",
)


@pytest.mark.parametrize("sunday", EASTERS)
def test_easter_is_where_the_church_has_it(sunday: str) -> None:
    day = date.fromisoformat(sunday)
    assert easter(day.year) == day


def test_good_friday_easter_monday_and_midsummer_are_free() -> None:
    free = {"2026-04-03", "2026-04-06", "2026-06-23", "2026-06-24", "2026-12-31"}
    assert {date.fromisoformat(day) for day in free} <= holidays(2026)


def test_the_monday_is_free_when_the_fourth_of_may_or_the_eighteenth_of_november_is_at_a_weekend() -> None:
    assert not is_working(date(2025, 5, 5))  # 4 May 2025 was a Sunday
    assert not is_working(date(2023, 11, 20))  # 18 November 2023 was a Saturday
    assert is_working(date(2026, 5, 5))
    assert is_working(date(2027, 1, 4))  # 1 January is not moved


def test_a_year_has_as_many_working_days_as_was_published() -> None:
    # 2025: 261 weekdays less 13 holidays on weekdays (with 5 May)
    days = [date(2025, 1, 1) + timedelta(days=count) for count in range(365)]
    assert sum(map(is_working, days)) == 249


def test_working_days_are_counted_from_the_day_after() -> None:
    assert after_working_days(date(2026, 3, 10), 1) == date(2026, 3, 11)
    assert after_working_days(date(2026, 3, 13), 1) == date(2026, 3, 16)
    assert after_working_days(date(2026, 3, 10), 0) == date(2026, 3, 10)

"""Moving the ends of day sets: held for a time, some time after, up to a boundary.

All of them are monotone (a wider set never gives a narrower result), so three-valued evaluation stays exact.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

from rules.period import Days, Period

_DAYS_OF_ALL_MONTHS = 28


class Boundary(StrEnum):
    """Where a right is prolonged to: the end of the month, the school year (31 August) or the calendar year."""

    MONTH_END = "month_end"
    SCHOOL_YEAR_END = "school_year_end"
    YEAR_END = "year_end"


def add_months(day: date, months: int) -> date | None:
    """The same day `months` later, or the last day of a shorter month; None past the year 9999.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if year > date.max.year:
        return None
    if day.day <= _DAYS_OF_ALL_MONTHS:
        return day.replace(year=year, month=month + 1)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def held(days: Days, months: int) -> Days:
    """Days on which the set has been true without a break for `months` (erosion from the start)."""
    kept: list[Period] = []
    for period in days:
        start = None if period.start is None else add_months(period.start, months)
        if period.start is not None and start is None:
            continue
        if start is None or period.end is None or start < period.end:
            kept.append(Period(start, period.end))
    return Days.of(*kept)


def grace(days: Days, months: int) -> Days:
    """The set and `months` after each of its ends (dilation)."""
    return _ends(days, lambda end: add_months(end, months))


def extend_to(days: Days, boundary: Boundary) -> Days:
    """The set with each end moved on to the boundary after its last day."""
    return _ends(days, lambda end: _after(end - timedelta(days=1), boundary))


def _ends(days: Days, move: Callable[[date], date | None]) -> Days:
    return Days.of(*(Period(each.start, None if each.end is None else move(each.end)) for each in days))


def _after(last: date, boundary: Boundary) -> date | None:
    """The first day after the month, school year or year in which `last` lies."""
    if boundary is Boundary.MONTH_END:
        return add_months(last.replace(day=1), 1)
    if boundary is Boundary.SCHOOL_YEAR_END:
        start = date(last.year, 9, 1)
        return start if last < start else add_months(start, 12)
    return add_months(date(last.year, 1, 1), 12)

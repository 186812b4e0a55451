"""Working days in Latvia.

Source: law "Par svētku, atceres un atzīmējamām dienām", section 1: the holidays, and the Monday that is free when
4 May, 18 November or the last day of the Song and Dance Celebration falls on a weekend. Only the first two come round
by themselves: a day that the Cabinet moves or the Saeima declares once is not known here.
"""

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (5, 1), (5, 4), (6, 23), (6, 24), (11, 18), (12, 24), (12, 25), (12, 26), (12, 31))
_MOVED_TO_MONDAY = ((5, 4), (11, 18))
_SATURDAY, _SUNDAY = 5, 6


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian calendar.

    Source: the anonymous computus (Meeus, Astronomical Algorithms, chapter 8).

    >>> easter(2026)
    datetime.date(2026, 4, 5)
    """
    century, of_century = divmod(year, 100)
    quarter, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - quarter - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@cache
def holidays(year: int) -> frozenset[date]:
    """The holidays of a year that may fall on a weekday."""
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED} | {sunday - timedelta(days=2), sunday + timedelta(days=1)}
    for month, day in _MOVED_TO_MONDAY:
        weekday = date(year, month, day).weekday()
        if weekday in (_SATURDAY, _SUNDAY):
            days.add(date(year, month, day) + timedelta(days=7 - weekday))
    return frozenset(days)


def is_working(day: date) -> bool:
    """Whether offices work on a day."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def after_working_days(day: date, count: int) -> date:
    """The last of `count` working days that follow `day`.

    >>> after_working_days(date(2026, 4, 30), 2)
    datetime.date(2026, 5, 6)
    """
    while count:
        day += timedelta(days=1)
        count -= is_working(day)
    return day

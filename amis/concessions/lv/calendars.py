"""School years of Latvia, from the first day of school to 31 May.

Section 36 of the General Education Law: a school year begins on 1 September; where that is a Saturday or Sunday,
lessons begin on the Monday after.
"""

from datetime import date, timedelta

from rules.period import Days, Period

_YEARS = range(2017, 2028)


def _first_day(year: int) -> date:
    first = date(year, 9, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 if first.weekday() >= 5 else 0)


FIRST_SCHOOL_DAYS = tuple(_first_day(year) for year in _YEARS)
SCHOOL_YEAR = Days.of(*(Period(start, date(start.year + 1, 6, 1)) for start in FIRST_SCHOOL_DAYS))

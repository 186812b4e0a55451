"""Figures and calendars of Latvian law that conditions name.

Pension age: section 11 and transitional provisions of the law "On State Pensions": 62 years until 2013, then three
months more each year, 65 since 2025. Who has reached it keeps it, so it is a table by birth date.
Thresholds of needy and low-income households, euro a month for the first and each further person: the Cabinet's
regulations and binding regulations of each year; the status itself is decided in the social system.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from amis.concessions.lv.calendars import FIRST_SCHOOL_DAYS, SCHOOL_YEAR
from amis.register.service import CalendarDraft, Step
from rules.period import Days, Period

_PENSIONS = "Likums “Par valsts pensijām”, 11. pants un pārejas noteikumi"
_QUARTER = Decimal("0.25")
_FIRST_RISE, _LAST_RISE = 2014, 2025
_OLD_AGE = Decimal(62)


def _pension_ages() -> Iterator[Step]:
    """One step a year: those born too late for the age of the year before, and early enough for this year's."""
    start: date | None = None
    for year in range(_FIRST_RISE, _LAST_RISE + 1):
        age = _OLD_AGE + _QUARTER * (year - _FIRST_RISE)
        end = _born_before(year, age)
        yield Step(Period(start, end), age, _PENSIONS)
        start = end
    yield Step(Period(start, None), _OLD_AGE + _QUARTER * (_LAST_RISE - _FIRST_RISE + 1), _PENSIONS)


def _born_before(year: int, age: Decimal) -> date:
    """The first birth date that does not reach the age before this year begins."""
    months = year * 12 - int(age * 12)
    return date(months // 12, months % 12 + 1, 1)


_NEEDY_FIRST = {2021: "272", 2023: "313", 2024: "343", 2025: "377"}
_NEEDY_NEXT = {2021: "190", 2023: "219", 2024: "240", 2025: "264"}
# what a low-income household may have at most was not to be found for 2024: those days stay undetermined
_LOW_FIRST = {2021: "436", 2023: "501", 2024: None, 2025: "604"}
_LOW_NEXT = {2021: "305", 2023: "351", 2024: None, 2025: "423"}
_THRESHOLDS = "Ministru kabineta noteikumi par mājsaimniecības materiālās situācijas izvērtēšanu"


def _steps(figures: Mapping[int, str | None]) -> tuple[Step, ...]:
    years = sorted(figures)
    ends = [date(year, 1, 1) for year in years[1:]] + [None]
    return tuple(
        Step(Period(date(year, 1, 1), end), Decimal(figure), _THRESHOLDS)
        for year, end in zip(years, ends, strict=True)
        if (figure := figures[year]) is not None
    )


COHORTS = {"pension_age": tuple(_pension_ages())}
PARAMETERS = {
    "needy_threshold": _steps(_NEEDY_FIRST),
    "needy_threshold_next": _steps(_NEEDY_NEXT),
    "low_income_threshold": _steps(_LOW_FIRST),
    "low_income_threshold_next": _steps(_LOW_NEXT),
}
_FIRST_DAYS = Days.of(*(Period(day, day.replace(day=day.day + 1)) for day in FIRST_SCHOOL_DAYS))
CALENDARS = (
    CalendarDraft("school_year", "mācību gads", "school year", SCHOOL_YEAR),
    CalendarDraft("first_school_day", "pirmā skolas diena", "first day of school", _FIRST_DAYS),
)

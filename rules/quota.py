"""How much a right may be used: so many uses, or so much money, in each window of days.

Uses that were left may be carried over to later windows up to a day of the year; then a new cycle starts with nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from rules.errors import OutOfRange
from rules.period import Days
from rules.shape import Json, inside, money, record, whole, word, yearly

UNITS = 10_000
"""Units of a money allowance in a euro: the smallest amount that prices know."""
MOST_MONEY = 100_000
_ONE_DAY = timedelta(days=1)


class Per(StrEnum):
    """The window in which a quota is counted; `period` = the whole period of the right."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    PERIOD = "period"


# Python 3.11 looks an enum member up through a property: names of this module keep that off the hot path
_DAY, _WEEK, _MONTH, _YEAR = Per.DAY, Per.WEEK, Per.MONTH, Per.YEAR


@dataclass(frozen=True, slots=True)
class Quota:
    """So many uses in each window (a frequency of use), or so much money.

    `carry_until` (mm-dd, windows of a day, week or month): what is left stays usable up to and including that day of
    the year. The counter then counts a whole cycle, from the day after it; a week that the cut divides gives `n` on
    both sides. `amount`: the discounts of a window are together at most so many euros, `n` is 0, and the counter counts
    units of 0.0001 EUR.
    """

    n: int
    per: Per
    carry_until: str | None = None
    amount: Decimal | None = None

    @property
    def kind(self) -> str:
        """What tells this counter from others that may start on the same day."""
        if self.amount is not None:
            return f"{self.per.value}-eur"
        return self.per.value if self.carry_until is None else f"{self.per.value}-{self.carry_until}"

    def window(self, day: date, periods: Days) -> date:
        """The first day of the window, or of the cycle, that holds `day`: the name of the counter.

        Calendar windows do not restart when a right is renewed in the middle of one. A week starts on Monday. For
        `period` the start of the right's own unbroken period counts, or date.min where it has none.
        """
        if self.carry_until is not None:
            return _cycle(day, self.carry_until)
        if self.per is _MONTH:
            return day.replace(day=1)
        if self.per is _DAY:
            return day
        if self.per is _WEEK:
            return day - timedelta(days=day.weekday())
        if self.per is _YEAR:
            return day.replace(month=1, day=1)
        period = periods.period_at(day)
        return (period and period.start) or date.min

    def limit(self, day: date, periods: Days, since: date = date.min) -> int:
        """The units that the counter of `day` may reach on that day.

        With carry-over, `n` for each window of the cycle so far in which the right has a day, not counting days
        before `since`, from when on the terms carry over.

        >>> Quota(20, Per.MONTH, "10-31").limit(date(2026, 1, 15), Days.parse("{[2025-11-20,)}"))
        60
        """
        if self.amount is not None:
            return int(self.amount * UNITS)
        if self.carry_until is None:
            return self.n
        return self.n * self._windows_held(max(_cycle(day, self.carry_until), since), day, periods)

    def _windows_held(self, first: date, day: date, periods: Days) -> int:
        held, counted = 0, self._index(first) - 1
        for period in periods:
            start, end = max(period.start or first, first), period.end
            if start > day or (end is not None and end <= start):
                continue
            last = day if end is None else min(end - _ONE_DAY, day)
            low, high = max(self._index(start), counted + 1), self._index(last)
            if low <= high:
                held, counted = held + high - low + 1, high
        return held

    def _index(self, day: date) -> int:
        """The number of the window that holds the day; windows that follow have numbers that follow."""
        if self.per is _MONTH:
            return day.year * 12 + day.month
        # the first day of the calendar, ordinal 1, is a Monday
        return (day.toordinal() - 1) // 7 if self.per is _WEEK else day.toordinal()

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Quota":
        """Read {"n", "per", "carry_until"?} or, for money, {"amount", "per"}. Raises Refused."""
        if isinstance(value, dict) and "amount" in value:
            node = record(value, place, ("amount", "per"))
            return cls(0, _per(node, place), None, _amount(node["amount"], inside(place, "amount")))
        node = record(value, place, ("n", "per"), ("carry_until",))
        per, n = _per(node, place), whole(node["n"], inside(place, "n"), 1, 100_000)
        if "carry_until" not in node:
            return cls(n, per)
        return cls(n, per, _carry(node["carry_until"], per, inside(place, "carry_until")))

    def to_json(self) -> Json:
        """The same shape back."""
        if self.amount is not None:
            return {"amount": str(self.amount), "per": self.per.value}
        plain: Json = {"n": self.n, "per": self.per.value}
        return plain if self.carry_until is None else plain | {"carry_until": self.carry_until}


def _per(node: Json, place: str) -> Per:
    return Per(word(node["per"], inside(place, "per"), Per))


def _amount(value: object, place: str) -> Decimal:
    amount = money(value, place)
    if not 0 < amount <= MOST_MONEY:
        raise OutOfRange(place, f"more than 0 and at most {MOST_MONEY} euros expected")
    return amount


def _carry(value: object, per: Per, place: str) -> str:
    until = yearly(value, place)
    if per not in (Per.DAY, Per.WEEK, Per.MONTH):
        raise OutOfRange(place, "uses of a day, week or month are carried over, no others")
    if until == "02-29":
        raise OutOfRange(place, "not every year has this day")
    if per is Per.MONTH and not _ends_month(until):
        # a month cut in two would give its uses twice; February ends on no fixed day
        raise OutOfRange(place, "the last day of a month other than February is expected")
    return until


def _ends_month(until: str) -> bool:
    # of a leap year, so that 28 February is not taken for an end
    return (date.fromisoformat(f"2000-{until}") + _ONE_DAY).day == 1


def euros(units: int) -> Decimal:
    """So many units of a money allowance in euros, with 4 decimals."""
    return Decimal(units).scaleb(-4)


@lru_cache(maxsize=256)
def _cycle(day: date, carry_until: str) -> date:
    """The first day of the cycle that holds `day`."""
    month, last = int(carry_until[:2]), int(carry_until[3:])
    end = date(day.year, month, last)
    if end < day:
        return end + _ONE_DAY
    return date.min if day.year == date.min.year else date(day.year - 1, month, last) + _ONE_DAY

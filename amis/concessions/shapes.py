"""How the terms look as typed text, and back: days, times of day, periods and lists of words.

Reading never refuses: what is no day stays as it was typed, and the reader of `rules` refuses it with its place.
"""

import re
from collections.abc import Iterable
from datetime import date

from amis.web.formats import day as written
from amis.web.formats import parse_day
from rules.errors import EmptyPeriod, RulesError
from rules.period import Days, Period

_YEARLY = re.compile(r"(\d{1,2})[./](\d{1,2})\.?", re.ASCII)
_DAY = r"(?:\d{1,2}[./]\d{1,2}[./]\d{4}\.?|\d{4}-\d{2}-\d{2})"
_PERIOD = re.compile(rf"({_DAY})?\s*[–-]\s*({_DAY})?", re.ASCII)
_WINDOW = re.compile(r"(\d{1,2}:\d{2})\s*[–-]\s*(\d{1,2}:\d{2})", re.ASCII)
_LEAP_YEAR = 2000  # has every day that a year can have


def lines(typed: str) -> list[str]:
    """The lines that are not empty."""
    return [line.strip() for line in typed.splitlines() if line.strip()]


def words(typed: str) -> list[str]:
    """The words between commas and line ends, each once."""
    return list(dict.fromkeys(word.strip() for word in re.split(r"[,\n]", typed) if word.strip()))


def to_amount(typed: str) -> str:
    """A number with a decimal comma or point, with a point."""
    return typed.replace(",", ".")


def to_whole(typed: str) -> object:
    """A whole number of ASCII digits."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else typed


def to_date(typed: str) -> str:
    """A yearly day `31.10.` as mm-dd, or a single day as yyyy-mm-dd."""
    yearly = _YEARLY.fullmatch(typed.strip())
    if yearly is not None:
        return f"{int(yearly[2]):02d}-{int(yearly[1]):02d}"
    try:
        return parse_day(typed).isoformat()
    except ValueError:
        return typed


def from_date(value: str, language: str) -> str:
    """What `to_date` reads, as the reader of the page writes days."""
    if len(value) == len("mm-dd"):
        whole = written(date.fromisoformat(f"{_LEAP_YEAR}-{value}"), language)
        return whole.replace(f"{_LEAP_YEAR}.", "").removesuffix(f"/{_LEAP_YEAR}")
    return written(date.fromisoformat(value), language)


def to_window(typed: str) -> list[str]:
    """A time of day `7:30-9:00` as two times."""
    found = _WINDOW.fullmatch(typed.strip())
    return [typed] if found is None else [part.zfill(5) for part in found.groups()]


def to_days(typed: Iterable[str]) -> str:
    """Periods, one a line, both days inclusive, as datemultirange text; a side left out is without limit."""
    try:
        return str(Days.of(*map(_period, typed)))
    except (RulesError, ValueError, OverflowError):
        return "?"


def _period(typed: str) -> Period:
    found = _PERIOD.fullmatch(typed.strip())
    if found is None:
        raise EmptyPeriod(typed)
    first, last = (parse_day(part) if part else None for part in found.groups())
    return Period(first, None if last is None else date.fromordinal(last.toordinal() + 1))


def from_days(days: Days, language: str) -> list[str]:
    """What `to_days` reads, a line for each period."""
    ends = ((period.start, period.last) for period in days)
    return [" – ".join("" if end is None else written(end, language) for end in pair).strip() for pair in ends]

"""The geometry of a timeline of periods, drawn by the server (templates/web/timeline.html).

Periods are half-open; None is an open end. Positions are per cent of the width, for the reason told in `chart`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

MOST_YEARS_BACK = 6
MOST_YEARS_AHEAD = 4
MOST_TICKS = 6

Kind = Literal["fact", "entitlement", "blocked"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open period of days, [start, end); None is open."""

    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """A fact or entitlement with its periods; `label` and `note` are in the reader's language already.

    `open` are periods of which it cannot be told, because a datum is missing.
    """

    label: str
    kind: Kind
    spans: tuple[Span, ...]
    note: str = ""
    open: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A period as drawn: `x` and `width` in per cent, `style` names how it looks."""

    span: Span
    x: float
    width: float
    style: Literal["fact", "entitlement", "blocked", "past", "open"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole timeline: rows with bars, year marks as (x, year), and today's place."""

    first: date
    last: date
    rows: tuple[tuple[Row, tuple[Bar, ...]], ...]
    ticks: tuple[tuple[float, int], ...]
    today: float


def draw(rows: Sequence[Row], at: date) -> Drawing:
    """The geometry of `rows` as seen on the day `at`."""
    first, last = window(rows, at)
    drawn = tuple((row, tuple(_bars(row, first, last, at))) for row in rows)
    return Drawing(first, last, drawn, tuple(_ticks(first, last)), _x(at, first, last))


def window(rows: Sequence[Row], at: date) -> tuple[date, date]:
    """The days shown: from the earliest start to the latest end, at most six years back and four ahead."""
    starts = [span.start for row in rows for span in (*row.spans, *row.open) if span.start]
    ends = [span.end for row in rows for span in (*row.spans, *row.open) if span.end]
    first = max(min([*starts, at - timedelta(days=60)]), _years(at, -MOST_YEARS_BACK))
    last = min(max([*starts, *ends, at + timedelta(days=180)]), _years(at, MOST_YEARS_AHEAD))
    return first, last


def state(span: Span, at: date) -> Literal["past", "current", "future"]:
    """Where the period stands on the day `at`."""
    if span.end is not None and span.end <= at:
        return "past"
    return "future" if span.start is not None and span.start > at else "current"


def _years(day: date, count: int) -> date:
    return date(day.year + count, day.month, 1)


def _x(day: date, first: date, last: date) -> float:
    return round(100 * (min(max(day, first), last) - first) / (last - first), 3)


def _bars(row: Row, first: date, last: date, at: date) -> Iterator[Bar]:
    for span in (*row.spans, *row.open):
        left = _x(span.start or first, first, last)
        right = _x(span.end or last, first, last)
        if right > left:
            style = "past" if state(span, at) == "past" else row.kind
            yield Bar(span, left, round(right - left, 3), "open" if span in row.open else style)


def _ticks(first: date, last: date) -> Iterator[tuple[float, int]]:
    years = range(first.year + (first > date(first.year, 1, 1)), last.year + 1)
    every = -(-len(years) // MOST_TICKS) if years else 1
    for year in years[::every]:
        yield _x(date(year, 1, 1), first, last), year

"""Sets of days: half-open periods and the algebra over them.

A day is a local business day. A period is `[start, end)`: the end day is the first day that is not part of it;
None on either side means without limit. On screens and on the wire the last day is shown inclusively.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rules.errors import EmptyPeriod, MalformedDays, ReversedPeriod

_DAY = timedelta(days=1)
_RANGE = r"(?:\[\d{4}-\d{2}-\d{2}|\(),(?:\d{4}-\d{2}-\d{2})?\)"
_MULTIRANGE = re.compile(rf"\{{(?:{_RANGE}(?:,{_RANGE})*)?\}}", re.ASCII)
_BOUNDS = re.compile(r"[\[(]([\d-]*),([\d-]*)\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to but not including `end`; None = without limit. Raises EmptyPeriod, ReversedPeriod.

    >>> Period.inclusive(date(2026, 3, 1), date(2026, 5, 31)).end
    datetime.date(2026, 6, 1)
    """

    start: date | None
    end: date | None

    def __post_init__(self) -> None:
        if self.start is None or self.end is None or self.start < self.end:
            return
        raise (EmptyPeriod if self.start == self.end else ReversedPeriod)(str(self))

    def __str__(self) -> str:
        lower = "(" if self.start is None else f"[{self.start.isoformat()}"
        return f"{lower},{'' if self.end is None else self.end.isoformat()})"

    @classmethod
    def inclusive(cls, first: date | None, last: date | None) -> "Period":
        """The period whose last day is `last`, as people write it; the last day of year 9999 means without end."""
        if first is not None and last is not None and last < first:
            raise ReversedPeriod(f"{first.isoformat()} .. {last.isoformat()}")
        return cls(first, None if last is None or last == date.max else last + _DAY)

    @property
    def last(self) -> date | None:
        """The last day that is part of the period, None when it has no end."""
        return None if self.end is None else self.end - _DAY


@dataclass(frozen=True, slots=True)
class Days:
    """An immutable set of days, held as an inversion list: membership flips at each edge.

    Edges strictly increase, so every set has exactly one form and equality is structural.

    >>> spring = Days.of(Period(date(2026, 3, 1), date(2026, 6, 1)))
    >>> str(~spring)
    '{(,2026-03-01),[2026-06-01,)}'
    >>> date(2026, 6, 1) in spring
    False
    """

    edges: tuple[date, ...] = ()
    ever: bool = False  # are the days before the first edge inside

    @classmethod
    def of(cls, *periods: Period) -> "Days":
        """The union of the periods, in any order, overlapping or not."""
        return union(map(_from_period, periods))

    @classmethod
    def parse(cls, text: str) -> "Days":
        """Read PostgreSQL datemultirange text (section 8.17.4 of its manual). Raises MalformedDays and period errors.

        >>> Days.parse("{[2026-01-01,2026-02-01),[2026-02-01,)}").edges
        (datetime.date(2026, 1, 1),)
        """
        if not _MULTIRANGE.fullmatch(text):
            raise MalformedDays(repr(text[:80]))
        try:
            bounds = [(_bound(low), _bound(high)) for low, high in _BOUNDS.findall(text)]
        except ValueError as error:
            raise MalformedDays(repr(text[:80])) from error
        return cls.of(*(Period(low, high) for low, high in bounds))

    def __str__(self) -> str:
        return "{" + ",".join(map(str, self)) + "}"

    def __iter__(self) -> Iterator[Period]:
        """The disjoint, non-adjacent periods in order."""
        bounds: tuple[date | None, ...] = (None, *self.edges) if self.ever else self.edges
        for low in range(0, len(bounds), 2):
            yield Period(bounds[low], bounds[low + 1] if low + 1 < len(bounds) else None)

    def __contains__(self, day: date) -> bool:
        return (bisect_right(self.edges, day) & 1 == 1) != self.ever

    def __bool__(self) -> bool:
        return self.ever or bool(self.edges)

    def __invert__(self) -> "Days":
        return Days(self.edges, not self.ever)

    def __or__(self, other: "Days") -> "Days":
        if not self.edges:
            return self if self.ever else other
        if not other.edges:
            return other if other.ever else self
        return at_least((self, other), 1)

    def __and__(self, other: "Days") -> "Days":
        if not self.edges:
            return other if self.ever else self
        if not other.edges:
            return self if other.ever else other
        return at_least((self, other), 2)

    def __sub__(self, other: "Days") -> "Days":
        return self & ~other

    def __le__(self, other: "Days") -> bool:
        """Is every day of this set in the other."""
        return not self - other

    def next_change(self, day: date) -> date | None:
        """The first day after `day` whose membership differs from the day before it; None when nothing changes."""
        at = bisect_right(self.edges, day)
        return self.edges[at] if at < len(self.edges) else None

    def period_at(self, day: date) -> Period | None:
        """The period that holds the day; None when the day is not in the set."""
        if day not in self:
            return None
        at = bisect_right(self.edges, day)
        return Period(self.edges[at - 1] if at else None, self.edges[at] if at < len(self.edges) else None)

    def first_from(self, day: date) -> date | None:
        """The first day of the set that is `day` or later."""
        return day if day in self else self.next_change(day)


EMPTY = Days()
ALWAYS = Days(ever=True)


def union(sets: Iterable[Days]) -> Days:
    """Days that are in any of the sets."""
    some = [each for each in sets if each.edges or each.ever]
    return at_least(some, 1) if len(some) > 1 else (some[0] if some else EMPTY)


def intersection(sets: Iterable[Days]) -> Days:
    """Days that are in all of the sets; every day when there are none."""
    some = [each for each in sets if each.edges or not each.ever]
    return at_least(some, len(some)) if len(some) > 1 else (some[0] if some else ALWAYS)


def at_least(sets: Iterable[Days], count: int) -> Days:
    """Days that are in at least so many of the sets; every day when `count` is 0."""
    depth, steps = 0, dict[date, int]()
    for each in sets:
        depth += each.ever
        step = -1 if each.ever else 1
        for edge in each.edges:
            steps[edge] = steps.get(edge, 0) + step
            step = -step
    inside = ever = depth >= count
    edges: list[date] = []
    for edge in sorted(steps):
        depth += steps[edge]
        if (depth >= count) != inside:
            edges.append(edge)
            inside = not inside
    return Days(tuple(edges), ever)


def _from_period(period: Period) -> Days:
    return Days(tuple(edge for edge in (period.start, period.end) if edge is not None), period.start is None)


def _bound(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

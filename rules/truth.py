"""Truth over time in three values: Kleene's strong logic, day by day, as two disjoint sets of days."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from rules.period import EMPTY, Days, intersection, union


@dataclass(frozen=True, slots=True)
class Truth:
    """Days on which a condition certainly holds, and days on which it certainly does not; the two are disjoint."""

    true: Days
    false: Days

    @property
    def undetermined(self) -> Days:
        """Days on which missing data leaves the question open."""
        return ~(self.true | self.false)

    def at(self, day: date) -> bool | None:
        """Does it hold on the day; None = undetermined."""
        return True if day in self.true else (False if day in self.false else None)

    def __invert__(self) -> "Truth":
        return Truth(self.false, self.true)

    def within(self, days: Days) -> "Truth":
        """The same on these days, certainly false on all others."""
        return Truth(self.true & days, self.false | ~days)

    def moved(self, move: Callable[[Days], Days]) -> "Truth":
        """A monotone move: certainly true from the certain days, possibly true from the possible ones."""
        return Truth(move(self.true), ~move(~self.false))


NEVER_KNOWN = Truth(EMPTY, EMPTY)


def known(true: Days) -> Truth:
    """A truth without gaps: what is not true is false."""
    return Truth(true, ~true)


def every(parts: Iterable[Truth]) -> Truth:
    """All hold."""
    some = tuple(parts)
    return Truth(intersection(part.true for part in some), union(part.false for part in some))


def either(parts: Iterable[Truth]) -> Truth:
    """At least one holds."""
    return ~every(~part for part in parts)

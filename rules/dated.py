"""Figures that a law sets for a time: thresholds, ages, amounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.errors import OverlappingPeriods
from rules.period import Days, Period, union


@dataclass(frozen=True, slots=True)
class Dated:
    """A figure for each of some disjoint periods; between them it is not known. Raises OverlappingPeriods.

    As a parameter the periods are the days on which a figure is in force, as a cohort table they are birth dates.

    >>> threshold = Dated(((Period(date(2026, 1, 1), None), Decimal("377")),))
    >>> threshold.at(date(2026, 5, 1)), threshold.at(date(2025, 12, 31))
    (Decimal('377'), None)
    """

    steps: tuple[tuple[Period, Decimal], ...]

    def __post_init__(self) -> None:
        known = Days()
        for period, _ in self.steps:
            days = Days.of(period)
            if known & days:
                raise OverlappingPeriods(str(period))
            known |= days

    def __iter__(self) -> Iterator[tuple[Period, Decimal]]:
        return iter(self.steps)

    @property
    def known(self) -> Days:
        """The days for which there is a figure."""
        return union(Days.of(period) for period, _ in self.steps)

    def at(self, day: date) -> Decimal | None:
        """The figure of the day, None where there is none."""
        return next((figure for period, figure in self.steps if day in Days.of(period)), None)

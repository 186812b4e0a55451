"""The column type of a set of days: `rules.period.Days` in Python, `datemultirange` in PostgreSQL."""

from typing import Any

from sqlalchemy import Dialect, TypeDecorator
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, Range
from sqlalchemy.dialects.postgresql.ranges import MultiRange

from rules.period import Days, Period


class DayRanges(TypeDecorator[Days]):
    """Both sides keep periods half-open, disjoint and merged, so nothing changes on the way."""

    impl = DATEMULTIRANGE
    cache_ok = True

    def process_bind_param(self, value: Days | None, dialect: Dialect) -> MultiRange[Any] | None:
        """The set as ranges."""
        if value is None:
            return None
        return MultiRange(Range(each.start, each.end, bounds=_bounds(each)) for each in value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Days | None:
        """The ranges as a set."""
        return None if value is None else Days.of(*(Period(each.lower, each.upper) for each in value))


def _bounds(period: Period) -> Any:
    return "[)" if period.start is not None else "()"

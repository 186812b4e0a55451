"""Pieces of SQL that work on sets of days: any datemultirange expression in, another one out."""

from rules.shift import Boundary

EMPTY = "'{}'::datemultirange"
EVER = "'{(,)}'::datemultirange"
LAST_DAY = "date '9999-12-31'"
_BEYOND = "date '10000-01-01'"
_END = {  # the first day after the month, school year or year of the last day of a range
    Boundary.MONTH_END: "date_trunc('month', upper({0}) - 1) + interval '1 month'",
    Boundary.SCHOOL_YEAR_END: "date_trunc('year', upper({0}) - 1 - interval '8 months') + interval '20 months'",
    Boundary.YEAR_END: "date_trunc('year', upper({0}) - 1) + interval '1 year'",
}


def select(columns: str, source: str) -> str:
    """A query; `source` is all that follows `from`."""
    return f"select {columns} from {source}"  # noqa: S608  # names of a closed list, values bound


def gathered(days: str, source: str) -> str:
    """The union of all days that a query yields."""
    return f"coalesce(({select(f'range_agg({days})', source)}), {EMPTY})"


def negated(days: str) -> str:
    """All other days."""
    return f"({EVER} - {days})"


def overlaps(days: str, source: str, number: str) -> str:
    """The days that at least so many rows of a query have: a sweep over the edges, open sides at infinity."""
    edges = "(values (coalesce(lower(x), '-infinity'::date), 1), (coalesce(upper(x), 'infinity'::date), -1)) e(d, step)"
    spans = f"({select(f'{days} as days', source)}) m cross join unnest(m.days) x cross join lateral {edges}"
    running = "d, lead(d) over (order by d) as until, sum(sum(step)) over (order by d) as n"
    swept = select(running, f"{spans} group by d")
    span = "daterange(nullif(d, '-infinity'::date), nullif(until, 'infinity'::date))"
    return gathered(span, f"({swept}) w where n >= {number}")


def held(days: str, months: str) -> str:
    """Days after an interval without a break; what would begin past the year 9999 falls away."""
    start = f"(lower(x) + {months})::date"
    lasting = f"lower(x) is null or {start} < coalesce(upper(x), {LAST_DAY} + 1)"
    return gathered(f"daterange({start}, upper(x))", f"unnest({days}) x where {lasting}")


def grace(days: str, months: str) -> str:
    """The days and an interval after each end."""
    return gathered(longer("x", months), f"unnest({days}) x")


def longer(span: str, months: str) -> str:
    """A range and an interval after its end. Of many ranges or of their union, together it is the same days."""
    return f"daterange(lower({span}), {_capped(f'(upper({span}) + {months})::date')})"


def extend_to(days: str, boundary: Boundary) -> str:
    """The days with each end moved on to the boundary after its last day."""
    return gathered(up_to("x", boundary), f"unnest({days}) x")


def up_to(span: str, boundary: Boundary) -> str:
    """A range up to the boundary after its last day. Of many ranges or of their union, together it is the same days."""
    return f"daterange(lower({span}), {_capped(f'({_END[boundary].format(span)})::date')})"


def _capped(day: str) -> str:
    """A day past the year 9999 is without end."""
    return f"nullif(least({day}, {_BEYOND}), {_BEYOND})"

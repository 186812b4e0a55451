"""The limit for a whole register: one rule as a sweep over arrays with numpy, the facts from the same tables."""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import psycopg

from amis.concessions.seed_lv import JELGAVA

_FETCH = """
SELECT p.number, p.born - date '1970-01-01', f.valid_from - date '1970-01-01',
    coalesce(f.valid_to - date '1970-01-01', 100000)
FROM fact f JOIN (SELECT id, born, row_number() OVER (ORDER BY id)::int AS number FROM person
    WHERE municipality_id = %(town)s) p ON p.id = f.person_id
WHERE f.municipality_id = %(town)s AND f.recorded_to IS NULL AND f.kind = ANY(%(kinds)s)
"""


@dataclass(frozen=True, slots=True)
class Swept:
    """Seconds to fetch and to compute, how many persons have any day, and how many person-days before a last day."""

    fetching: float
    computing: float
    persons: int
    days: int


async def sweep(url: str, kinds: list[str], ages: tuple[int, int], last: int) -> Swept:
    """Days with any of the facts within `[ages[0], ages[1])` years of life, before day `last` (days since 1970)."""
    began = perf_counter()
    async with await psycopg.AsyncConnection.connect(url) as connection:
        cursor = connection.cursor(binary=True)
        rows = await (await cursor.execute(_FETCH, {"town": JELGAVA, "kinds": kinds})).fetchall()
    table = np.array(rows, dtype=np.int64)
    fetched = perf_counter()
    persons, days = _swept(table, ages, last)
    return Swept(fetched - began, perf_counter() - fetched, persons, days)


def _swept(table: Any, ages: tuple[int, int], last: int) -> tuple[int, int]:
    who, born, first, end = table.T
    first = np.maximum(first, _birthday(born, ages[0]))
    end = np.minimum(np.minimum(end, _birthday(born, ages[1])), last)
    kept = first < end
    who, first, end = who[kept], first[kept], end[kept]
    order = np.lexsort((first, who))
    who, first, end = who[order], first[order], end[order]
    # persons laid one after the other on one axis, so that a running maximum merges each one's periods
    offset = who * 200_000
    reached = np.concatenate(([-1], np.maximum.accumulate(end + offset)[:-1]))
    new = np.maximum(end + offset - np.maximum(first + offset, reached), 0)
    return len(np.unique(who)), int(new.sum())


def _birthday(born: Any, years: int) -> Any:
    """The birthday; those born on 29 February have it on 1 March of common years."""
    day = born.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    of_month = (day - month).astype(np.int64)
    return ((month + years * 12).astype("datetime64[D]").astype(np.int64)) + of_month

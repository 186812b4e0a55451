"""A town of a million persons with two million facts, written set-based straight into the tables."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg

from amis.concessions.seed_lv import JELGAVA
from amis.kernel.postgres import SUPERUSER
from tests.bench.stage import Stage

_AT = datetime(2020, 1, 1, tzinfo=UTC)
_PERSONS: LiteralString = """
INSERT INTO person (id, municipality_id, born, subject_key)
SELECT uuidv7(), %(town)s, date '1930-01-01' + (random() * 34000)::int, ''::bytea FROM generate_series(1, %(persons)s)
"""
# two facts a person on the whole; a third of them without an end
_FACTS: LiteralString = """
INSERT INTO fact (id, municipality_id, person_id, kind, value, valid_from, valid_to, recorded_from, source, record_id,
    version)
SELECT uuidv7(), %(town)s, who, (ARRAY['studying', 'studying', 'employed', 'employed', 'needy', 'low_income',
    'disability', 'disability', 'orphan', 'repressed'])[kind], CASE WHEN kind IN (7, 8)
    THEN (ARRAY['I', 'II', 'III'])[1 + (random() * 2)::int] ELSE 'yes' END, first,
    CASE WHEN random() > 0.33 THEN first + 30 + (random() * 700)::int END, %(at)s, 'bench', 'bench-' || number, 1
FROM (
    SELECT row_number() OVER () AS number, id AS who, 1 + (random() * 9.99)::int %% 10 AS kind,
        date '2022-01-01' + (random() * 1700)::int AS first
    FROM person CROSS JOIN generate_series(1, 2) WHERE municipality_id = %(town)s
) drawn
"""


@dataclass(frozen=True, slots=True)
class LargeTown:
    """How many there are."""

    persons: int
    facts: int


async def settle(on: Stage, persons: int) -> LargeTown:
    """Persons and facts, the same ones each time, and the statistics that an hour of running would have made."""
    given = {"town": JELGAVA, "persons": persons, "at": _AT}
    async with await psycopg.AsyncConnection.connect(on.url(SUPERUSER), autocommit=True) as connection:
        await connection.execute("SELECT setseed(0.5)")
        await connection.execute(_PERSONS, given)
        facts = await connection.execute(_FACTS, given)
        await connection.execute("VACUUM ANALYZE person, fact, entitlement, entitlement_log")
        return LargeTown(persons, facts.rowcount)

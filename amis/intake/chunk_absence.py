"""What a snapshot does not name: standing records of its source that are not above it are withdrawn, in steps."""

from dataclasses import dataclass
from typing import LiteralString

from amis.granting.service import hold_rules
from amis.intake import chunk_sql
from amis.intake.chunk_effect import CLOSE, regrant_touched, tell, values
from amis.intake.chunk_rows import Lot
from amis.intake.errors import Overtaken
from amis.kernel.db import Transaction
from amis.kernel.staging import run, staging

SAMPLE = 20
"""Records that are named to whoever decides on a snapshot that withdraws too many."""
ABSENT: LiteralString = """ledger.version <= %(as_of)s AND NOT EXISTS (
        SELECT FROM batch_record AS named
        WHERE named.batch_id = %(batch)s::uuid AND named.record_id = ledger.record_id)"""
STANDING: LiteralString = """notice AS ledger WHERE ledger.municipality_id = %(own)s AND ledger.source = %(source)s
    AND ledger.op = 'upsert' AND ledger.of_status"""
_COUNT: LiteralString = f"""
SELECT count(*) FILTER (WHERE absent), count(*),
    (array_agg(record_id ORDER BY record_id) FILTER (WHERE absent))[1:{SAMPLE}]
FROM (SELECT ledger.record_id, {ABSENT} AS absent FROM {STANDING}) AS standing
"""  # noqa: S608  # pieces of ours, values bound
_STAGE: LiteralString = f"""
INSERT INTO staged (n, nth, record_id, version, code_index)
SELECT row_number() OVER (), 1, record_id, version, code_index FROM (
    SELECT ledger.record_id, ledger.version, ledger.code_index FROM {STANDING} AND {ABSENT}
    ORDER BY ledger.record_id LIMIT %(limit)s
) AS absent
"""  # noqa: S608  # pieces of ours, values bound
_HOLD: LiteralString = """
INSERT INTO held SELECT id FROM person
WHERE municipality_id = %(own)s AND id IN (
    SELECT fact.person_id FROM staged JOIN fact ON fact.municipality_id = %(own)s AND fact.source = %(source)s
        AND fact.record_id = staged.record_id AND fact.recorded_to IS NULL
)
ORDER BY id FOR NO KEY UPDATE
"""
_JUDGE: LiteralString = """
INSERT INTO judged (n, nth, type, record_id, version, op, verdict, arrival_id, person_id, unheld, step, latest_id, at,
    old_kind, before)
SELECT staged.n, 1, 'status.fact.v1', staged.record_id, staged.version, 'withdraw', 'applied', uuidv7(),
    fact.person_id, fact.id IS NOT NULL AND held.id IS NULL, CASE WHEN fact.id IS NULL THEN 'nothing' ELSE 'close' END,
    fact.id, greatest(%(at)s, fact.recorded_from), fact.kind,
    CASE WHEN fact.id IS NOT NULL THEN jsonb_build_object('fact', fact.id, 'record',
        %(source)s || '/' || staged.record_id, 'version', fact.version, 'kind', fact.kind, 'value', fact.value,
        'num', fact.num::text, 'valid_from', fact.valid_from, 'valid_to', fact.valid_to) END
FROM staged
LEFT JOIN fact ON fact.municipality_id = %(own)s AND fact.source = %(source)s AND fact.record_id = staged.record_id
    AND fact.recorded_to IS NULL
LEFT JOIN held ON held.id = fact.person_id
"""
_LEDGER: LiteralString = """
UPDATE notice SET op = 'withdraw', absent_as_of = %(as_of)s, arrival_id = judged.arrival_id, recorded_at = %(at)s
FROM judged WHERE notice.municipality_id = %(own)s AND notice.source = %(source)s
    AND notice.record_id = judged.record_id AND notice.version = judged.version AND notice.op = 'upsert'
"""
_UNHELD: LiteralString = "SELECT count(*) FROM judged WHERE unheld"


@dataclass(frozen=True, slots=True)
class Absences:
    """How many of the `standing` records of a source a snapshot does not name, and the first of them."""

    count: int
    standing: int
    sample: tuple[str, ...]


async def absences(tx: Transaction, lot: Lot) -> Absences:
    """What a snapshot whose names stand in `batch_record` would withdraw now; `lot.as_of` is its own."""
    async with staging(tx) as cursor:
        await cursor.execute(_COUNT, values(tx, lot))
        [(count, standing, sample)] = await cursor.fetchall()
    return Absences(count, standing, tuple(sample or ()))


async def withdraw_absent(tx: Transaction, lot: Lot, limit: int) -> int:
    """Withdraws at most `limit` records that the snapshot does not name; how many, 0 when none is left.

    Raises:
        Overtaken and the others of `chunk.AGAIN`: begin the transaction anew.
    """
    await hold_rules(tx)
    given = values(tx, lot) | {"nth": 1, "limit": limit}
    async with staging(tx) as cursor:
        await cursor.execute(chunk_sql.TABLES)
        count = await run(cursor, _STAGE, given)
        await run(cursor, _HOLD, given)
        await run(cursor, _JUDGE, given)
        await cursor.execute(_UNHELD)
        unheld = await cursor.fetchall()
        await run(cursor, CLOSE, given)
        if unheld != [(0,)] or await run(cursor, _LEDGER, given) != count:
            raise Overtaken
        await tell(tx, cursor, given)
        await regrant_touched(tx, cursor, lot)
    return count

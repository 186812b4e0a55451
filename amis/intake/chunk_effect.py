"""What the rows of a chunk do, once they are judged: facts, ledger, arrivals, leaves of the audit tree, rights."""

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncCursor

from amis.granting.service import Cause, regrant_many
from amis.intake.chunk_rows import Lot
from amis.intake.errors import Overtaken
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.staging import run
from amis.register import service as register

CLOSE: LiteralString = """
UPDATE fact SET recorded_to = judged.at, closed_version = judged.version
FROM judged WHERE judged.nth = %(nth)s AND judged.verdict = 'applied' AND judged.step IN ('replace', 'confirm', 'close')
    AND fact.municipality_id = %(own)s AND fact.id = judged.latest_id AND fact.recorded_to IS NULL
"""
_INSERT: LiteralString = """
INSERT INTO fact (id, municipality_id, person_id, kind, value, valid_from, valid_to, recorded_from, source, record_id,
    version, shadowed, decision, provenance)
SELECT fact_id, %(own)s, person_id, kind, value, valid_from, valid_to, at, %(source)s, record_id, version,
    CASE step WHEN 'confirm' THEN (SELECT before.shadowed FROM fact AS before
        WHERE before.municipality_id = %(own)s AND before.id = latest_id) ELSE false END,
    decision::jsonb, jsonb_strip_nulls(jsonb_build_object('event', %(batch)s || ':' || row_no, 'type', type,
        'key', %(key)s::text, 'arrival', arrival_id, 'batch', %(batch)s, 'row', row_no))
FROM judged WHERE nth = %(nth)s AND verdict = 'applied' AND step IN ('insert', 'replace', 'confirm')
"""
_EXPECTED: LiteralString = "SELECT count(*) FROM judged WHERE nth = %(nth)s AND verdict = 'applied'"
# What somebody else has written since it was judged is not written over unless it is older, as with a single event.
_LEDGER: LiteralString = """
INSERT INTO notice (municipality_id, source, record_id, version, op, digest, person_id, arrival_id, recorded_at,
    of_status, code_index)
SELECT %(own)s, %(source)s, record_id, version, op, digest, person_id, arrival_id, %(at)s, true, code_index
FROM judged WHERE nth = %(nth)s AND verdict = 'applied' ORDER BY record_id
ON CONFLICT (municipality_id, source, record_id) DO UPDATE SET version = excluded.version, op = excluded.op,
    digest = excluded.digest, person_id = excluded.person_id, arrival_id = excluded.arrival_id,
    recorded_at = excluded.recorded_at, of_status = true, absent_as_of = NULL, code_index = excluded.code_index
WHERE notice.version < excluded.version OR (notice.version = excluded.version AND notice.absent_as_of IS NOT NULL)
"""
_ARRIVALS: LiteralString = """
INSERT INTO notice_arrival (id, municipality_id, sender_id, message_id, event_id, type, record_id, version, verdict,
    error_code, error_pointer, sent_at, received_at, batch_id, row_no)
SELECT arrival_id, %(own)s, %(sender)s, 'batch/' || %(batch)s, %(batch)s || ':' || row_no, type, record_id, version,
    verdict, error, pointer, sent_at, %(received)s, %(batch)s::uuid, row_no
FROM judged WHERE verdict NOT IN ('unchanged', 'stale')
"""
_LEAVES: LiteralString = """
SELECT CASE step WHEN 'close' THEN 'fact.withdraw' ELSE 'fact.record' END AS action, 'person' AS subject_kind,
    person_id::text AS subject_id, before, CASE step
        WHEN 'close' THEN jsonb_build_object('record', %(source)s || '/' || record_id, 'version', version)
        ELSE jsonb_build_object('fact', fact_id, 'record', %(source)s || '/' || record_id, 'version', version,
            'kind', kind, 'value', value, 'num', NULL, 'valid_from', valid_from, 'valid_to', valid_to) END AS after
FROM judged WHERE verdict = 'applied' AND step IN ('insert', 'replace', 'confirm', 'close')
"""
_CHANGED: LiteralString = """
SELECT person_id, max(row_no), array_agg(DISTINCT kind), array_agg(DISTINCT old_kind) FROM judged
WHERE verdict = 'applied' AND step IN ('insert', 'replace', 'close') GROUP BY person_id ORDER BY person_id
"""


def values(tx: Transaction, lot: Lot) -> dict[str, object]:
    """The parameters of all statements of a chunk."""
    return {
        "own": tx.municipality_id,
        "source": lot.source,
        "sender": lot.sender_id,
        "batch": str(lot.batch_id),
        "key": lot.key_id,
        "as_of": lot.as_of,
        "floor": lot.floor,
        "received": lot.received_at,
        "at": tx.at,
        "today": tx.day,
    }


async def settle_round(cursor: AsyncCursor[Any], given: dict[str, object]) -> None:
    """Writes the facts and the ledger entries of the rows of one round.

    Raises:
        Overtaken: somebody else has written one of the records meanwhile.
    """
    await run(cursor, CLOSE, given)
    await run(cursor, _INSERT, given)
    written = await run(cursor, _LEDGER, given)
    await cursor.execute(_EXPECTED, given)
    if [(written,)] != await cursor.fetchall():
        raise Overtaken


async def tell(tx: Transaction, cursor: AsyncCursor[Any], given: dict[str, object]) -> None:
    """Writes what arrived and became of it, and the leaves of all that was done."""
    await run(cursor, _ARRIVALS, given)
    await audit.record_rows(tx, cursor, _LEAVES, given)


async def regrant_touched(
    tx: Transaction,
    cursor: AsyncCursor[Any],
    lot: Lot,
    newcomers: Collection[UUID] = (),
    reborn: Collection[UUID] = (),
) -> None:
    """Brings everybody in line whose facts have changed, and everybody whose rights rest on theirs.

    `newcomers` have nothing but what was just stated; of the `reborn` the birth date is new, so every rule is tried.
    """
    await cursor.execute(_CHANGED)
    rows = await cursor.fetchall()
    cause = Cause("notice", f"{lot.source} {lot.batch_id}")
    refs = {who: cause.ref if row_no is None else f"{cause.ref}:{row_no}" for who, row_no, *_ in rows}
    kinds = {kind for *_, new, old in rows for kind in (*new, *old) if kind is not None}
    await register.reckon(tx, list(refs), kinds)
    seen = [one for one in refs if one not in reborn]
    await regrant_many(tx, seen, cause, kinds, refs=refs, blank=newcomers)
    await regrant_many(tx, sorted(reborn), cause, None, refs=refs)

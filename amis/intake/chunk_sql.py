"""Judging the rows of a chunk: what `sync.order` and `register.change` say of one, said of all of a round in SQL.

A round takes one row of each record, so rows of one record follow one another as they do when they come singly.
"""

from typing import LiteralString

from amis.intake.chunk_rows import COLUMNS

# A step is one of register.change.Step, or why the fact cannot be recorded.
TABLES: LiteralString = """
CREATE TEMP TABLE IF NOT EXISTS staged (
    n int4 PRIMARY KEY, nth int4, row_no int8, type text, sent_at timestamptz, error text, pointer text,
    record_id text, version int8, op text, digest bytea, code_index bytea, kind text, value text, valid_from date,
    valid_to date, decision text, born date, misborn bool, named bool
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS judged (
    n int4, nth int4, row_no int8, type text, sent_at timestamptz, record_id text, version int8, op text,
    digest bytea, code_index bytea, kind text, value text, valid_from date, valid_to date, decision text,
    verdict text, error text, pointer text, arrival_id uuid, person_id uuid, known_version int8, lacking bool,
    unheld bool, step text, latest_id uuid, fact_id uuid, at timestamptz, old_kind text, before jsonb
) ON COMMIT DROP;
CREATE INDEX IF NOT EXISTS judged_latest ON judged (latest_id);
CREATE TEMP TABLE IF NOT EXISTS held (id uuid PRIMARY KEY) ON COMMIT DROP;
TRUNCATE staged, judged, held
"""
COPY: LiteralString = "COPY staged FROM STDIN WITH (FORMAT binary)"
TYPES = tuple(COLUMNS.values())
# The planner knows nothing of a table that has just been filled; the rest of its guesses start from this one.
COUNTED: LiteralString = "ANALYZE staged (nth)"
# Only who may be concerned: what is older than the ledger now stays so. In one order, as messages lock their persons.
HOLD: LiteralString = """
INSERT INTO held SELECT id FROM person
WHERE municipality_id = %(own)s AND id IN (
    SELECT known.person_id FROM staged
    JOIN person_code AS known ON known.municipality_id = %(own)s AND known.code_index = staged.code_index
    LEFT JOIN notice ON notice.municipality_id = %(own)s AND notice.source = %(source)s
        AND notice.record_id = staged.record_id
    WHERE staged.nth > 0
        AND (notice.version IS NULL OR staged.version > notice.version OR notice.absent_as_of IS NOT NULL)
)
ORDER BY id FOR NO KEY UPDATE
"""
REFUSED: LiteralString = """
INSERT INTO judged (n, nth, row_no, type, sent_at, record_id, version, op, verdict, error, pointer, arrival_id)
SELECT n, nth, row_no, type, sent_at, record_id, version, op, 'rejected', error, pointer, uuidv7()
FROM staged WHERE nth = 0
"""
_BY_VERSION = """CASE WHEN staged.version > ledger.version THEN 'applied'
        WHEN staged.version < ledger.version THEN 'stale'
        WHEN ledger.op = staged.op AND ledger.digest = staged.digest THEN 'unchanged' ELSE 'conflict' END"""
_OF_EVENTS = f"""CASE
        WHEN ledger.version IS NULL OR ledger.absent_as_of IS NOT NULL
            THEN CASE WHEN staged.version <= greatest(%(floor)s::int8, ledger.absent_as_of) THEN 'stale'
                ELSE 'applied' END
        WHEN ledger.op = 'withdraw' AND ledger.version < staged.version AND staged.version <= %(floor)s::int8
            THEN 'stale'
        ELSE {_BY_VERSION} END"""
_OF_SNAPSHOT = f"""CASE
        WHEN %(as_of)s::int8 < %(floor)s::int8 THEN 'stale'
        WHEN ledger.version IS NULL THEN 'applied'
        WHEN ledger.absent_as_of IS NOT NULL
            THEN CASE WHEN staged.version < ledger.version THEN 'stale' ELSE 'applied' END
        ELSE {_BY_VERSION} END"""
_JUDGED = """
INSERT INTO judged
SELECT n, nth, row_no, type, sent_at, record_id, version, op, digest, code_index, kind, value, valid_from, valid_to,
    decision, CASE WHEN error IS NULL THEN outcome WHEN error = 'version.conflict' THEN 'conflict' ELSE 'rejected' END,
    error, CASE WHEN error = 'version.conflict' AND outcome = 'applied' AND step = 'another' THEN '/data/record_id'
        WHEN error = 'version.conflict' THEN '/data/version' WHEN error = 'status.unknown' THEN '/data/status'
        WHEN error IS NOT NULL THEN '/data/person/birth_date' END,
    uuidv7(), person_id, known_version, outcome = 'applied' AND lacking,
    outcome = 'applied' AND person_id IS NOT NULL AND NOT held, step, latest_id,
    CASE WHEN step IN ('insert', 'replace', 'confirm') THEN uuidv7() END,
    greatest(%(at)s, recorded_to, recorded_from), CASE WHEN closed_version IS NULL THEN old_kind END,
    CASE WHEN step IN ('replace', 'confirm', 'close') THEN jsonb_build_object('fact', latest_id, 'record',
        %(source)s || '/' || record_id, 'version', old_version, 'kind', old_kind, 'value', old_value,
        'num', old_num::text, 'valid_from', old_from, 'valid_to', old_to) END
FROM (
    SELECT *, CASE WHEN outcome = 'conflict' THEN 'version.conflict' WHEN outcome <> 'applied' THEN NULL
        WHEN op = 'upsert' AND (misborn OR born > %(today)s) THEN 'schema.unsupported'
        WHEN op = 'upsert' AND kind || '=' || value = ANY(%(unknown)s::text[]) THEN 'status.unknown'
        WHEN step IN ('another', 'older', 'contradicts') THEN 'version.conflict' END AS error
    FROM (
        SELECT *, CASE
            WHEN outcome <> 'applied' THEN NULL
            WHEN latest_id IS NULL THEN CASE op WHEN 'upsert' THEN 'insert' ELSE 'nothing' END
            WHEN holder_id IS DISTINCT FROM person_id THEN 'another'
            WHEN version < coalesce(closed_version, old_version) THEN 'older'
            WHEN version = coalesce(closed_version, old_version) AND NOT revived THEN CASE
                WHEN op = 'withdraw' THEN CASE WHEN closed_version IS NULL THEN 'contradicts' ELSE 'nothing' END
                WHEN closed_version IS NULL AND same THEN 'nothing' ELSE 'contradicts' END
            WHEN op = 'withdraw' THEN CASE WHEN closed_version IS NULL THEN 'close' ELSE 'nothing' END
            WHEN closed_version IS NOT NULL THEN 'insert'
            WHEN same THEN 'confirm' ELSE 'replace' END AS step
        FROM (
            SELECT staged.n, staged.nth, staged.row_no, staged.type, staged.sent_at, staged.record_id, staged.version,
                staged.op, staged.digest, staged.code_index, staged.kind, staged.value, staged.valid_from,
                staged.valid_to, staged.decision, staged.born, staged.misborn, known.person_id,
                held.id IS NOT NULL AS held, ledger.version AS known_version,
                ledger.absent_as_of IS NOT NULL AS revived, staged.op = 'upsert' AND (known.person_id IS NULL
                    OR (person.born IS NULL AND staged.born IS NOT NULL)
                    OR (person.name_sealed IS NULL AND staged.named)) AS lacking,
                fact.id AS latest_id, fact.person_id AS holder_id, fact.kind AS old_kind, fact.value AS old_value,
                fact.num AS old_num, fact.valid_from AS old_from, fact.valid_to AS old_to,
                fact.version AS old_version, fact.closed_version, fact.recorded_from, fact.recorded_to,
                (fact.kind, fact.value, fact.num, fact.valid_from, fact.valid_to) IS NOT DISTINCT FROM
                    (staged.kind, staged.value, NULL, staged.valid_from, staged.valid_to) AS same,
                {outcome} AS outcome
            FROM staged
            LEFT JOIN notice AS ledger ON ledger.municipality_id = %(own)s AND ledger.source = %(source)s
                AND ledger.record_id = staged.record_id
            LEFT JOIN person_code AS known ON known.municipality_id = %(own)s AND known.code_index = staged.code_index
            LEFT JOIN person ON person.municipality_id = %(own)s AND person.id = known.person_id
            LEFT JOIN held ON held.id = known.person_id
            LEFT JOIN LATERAL (
                SELECT * FROM fact WHERE fact.municipality_id = %(own)s AND fact.source = %(source)s
                    AND fact.record_id = staged.record_id
                ORDER BY fact.version DESC, fact.recorded_from DESC LIMIT 1
            ) AS fact ON true
            WHERE staged.nth = %(nth)s
        ) AS looked
    ) AS stepped
) AS faulted
"""
JUDGE_EVENTS = _JUDGED.replace("{outcome}", _OF_EVENTS)
JUDGE_SNAPSHOT = _JUDGED.replace("{outcome}", _OF_SNAPSHOT)

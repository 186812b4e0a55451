"""Regranting many persons at once: each rule that can matter is run once over all of them.

The outcome is that of `regranting.bring_in_line` for each; what differs is written and logged in one statement a rule.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncCursor

from amis.granting import rulebook
from amis.granting.outcome import Rule, in_force
from amis.granting.possible import possible
from amis.granting.regranting import CHANGED, RELATIVE, Cause
from amis.granting.wholesale import prepared, writing, written_by
from amis.kernel.db import Transaction
from amis.kernel.staging import copy_rows, run, staging

_TABLES: LiteralString = """
CREATE TEMP TABLE IF NOT EXISTS regranted (id uuid PRIMARY KEY, ref text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS regranted_told (person_id uuid, gained boolean, lost boolean) ON COMMIT DROP;
TRUNCATE regranted, regranted_told
"""
_COPY: LiteralString = "COPY regranted (id, ref) FROM STDIN WITH (FORMAT binary)"
_PLAIN: LiteralString = """
SELECT NOT EXISTS (SELECT FROM fact WHERE municipality_id = %(own)s AND kind = 'override' AND recorded_to IS NULL)
    AND NOT EXISTS (SELECT FROM fact WHERE municipality_id = %(own)s AND kind = 'choice' AND recorded_to IS NULL)
"""
_REF = "(SELECT regranted.ref FROM regranted WHERE regranted.id = changed.person_id)"
# an order that rests a right takes away as much as a lost day does
_TOLD = """INSERT INTO regranted_told
SELECT person_id, NOT isempty(gained), NOT isempty(lost) OR before = after FROM changed WHERE told"""
_NOTES: LiteralString = """
INSERT INTO outbox (municipality_id, topic, key, payload, created_at, due_at)
SELECT %(own)s, %(topic)s, person_id::text, jsonb_build_object('person_id', person_id::text, 'gained', bool_or(gained),
    'lost', bool_or(lost)), %(at)s, %(at)s
FROM regranted_told GROUP BY person_id ORDER BY person_id
"""
# What a relative was told of may be about past and future days, so every relation counts.
_RELATIVES: LiteralString = """
CREATE TEMP TABLE regranted_next ON COMMIT DROP AS
WITH RECURSIVE reached (id, ref, steps) AS (
    SELECT id, ref, 0 FROM regranted
    UNION
    SELECT seen.other_id, reached.ref, reached.steps + 1 FROM reached
    JOIN relation_seen AS seen ON seen.municipality_id = %(own)s AND seen.person_id = reached.id
    WHERE reached.steps < %(depth)s::int
)
SELECT reached.id, max(reached.ref) AS ref, false AS held FROM reached
JOIN person ON person.municipality_id = %(own)s AND person.id = reached.id AND person.erased_at IS NULL
WHERE reached.steps > 0 GROUP BY reached.id
"""
# Whoever is locked by another transaction is left to the worker: waiting for each other would be for ever.
_HOLD: LiteralString = """
UPDATE regranted_next SET held = true FROM (
    SELECT id FROM person WHERE municipality_id = %(own)s AND id IN (SELECT id FROM regranted_next)
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
) AS free WHERE free.id = regranted_next.id
"""
_LEFT: LiteralString = """
INSERT INTO outbox (municipality_id, topic, key, payload, created_at, due_at)
SELECT %(own)s, %(topic)s, id::text, jsonb_build_object('person_id', id::text, 'cause', %(cause)s::text,
    'cause_ref', ref), %(at)s, %(at)s
FROM regranted_next WHERE NOT held ORDER BY id
"""
_NEXT: LiteralString = """
TRUNCATE regranted, regranted_told;
INSERT INTO regranted SELECT id, ref FROM regranted_next WHERE held;
DROP TABLE regranted_next
"""


async def regrant_many(
    tx: Transaction,
    persons: Collection[UUID],
    cause: Cause,
    kinds: Collection[str] | None = None,
    *,
    refs: Mapping[UUID, str] = MappingProxyType({}),
    blank: Collection[UUID] = (),
) -> None:
    """Brings locked persons in line with the facts, and those whose rights rest on them.

    `kinds` are what has changed of any of them, as RuleRead names it; None = anything. `refs` tells the cause of a
    person from that of the others. Of the persons in `blank` no rule has seen anything yet, and nothing is known but
    facts of these kinds.
    """
    if not persons:
        return
    await rulebook.hold_rules(tx)
    words = await rulebook.vocabulary(tx)
    rules = await rulebook.rules(tx, words, kinds=kinds)
    async with staging(tx) as cursor:
        await cursor.execute(_TABLES)
        await _stage(cursor, persons, refs, cause)
        await _bring_in_line(tx, cursor, rules, cause)
        if blank and (others := await _other_rules(tx, rules, kinds or ())):
            await _stage(cursor, blank, refs, cause)
            await _bring_in_line(tx, cursor, others, cause)
        await _note(tx, cursor)
        known = [person_id for person_id in persons if person_id not in blank]
        if known and any(rule.depth for rule in rules):
            of_relatives = await rulebook.rules(tx, words, kinds=kinds, of_relatives=True)
            await _stage(cursor, known, refs, cause)
            await _follow_relatives(tx, cursor, of_relatives, cause)


async def _other_rules(tx: Transaction, rules: Sequence[Rule], kinds: Collection[str]) -> list[Rule]:
    """Those besides `rules` that could give anything to who is blank."""
    words, done = await rulebook.vocabulary(tx), {rule.id for rule in rules}

    def matters(rule: Rule) -> bool:
        return any(possible(version.condition, kinds, words) for version, _ in in_force(rule.versions))

    return [rule for rule in await rulebook.rules(tx, words) if rule.id not in done and matters(rule)]


async def _stage(cursor: AsyncCursor[Any], persons: Iterable[UUID], refs: Mapping[UUID, str], cause: Cause) -> None:
    await cursor.execute("TRUNCATE regranted")
    rows = [(person_id, refs.get(person_id, cause.ref)) for person_id in persons]
    await copy_rows(cursor, _COPY, rows, ("uuid", "text"))


async def _bring_in_line(tx: Transaction, cursor: AsyncCursor[Any], rules: Sequence[Rule], cause: Cause) -> None:
    await cursor.execute(_PLAIN, {"own": tx.municipality_id})
    [(plain,)] = await cursor.fetchall()
    for rule in rules:
        made = await prepared(tx, rule, some=True, plain=plain)
        statement = made.changes.text + writing(rule, _REF, _TOLD)
        await run(cursor, statement, made.changes.values | written_by(tx, rule, cause))


async def _note(tx: Transaction, cursor: AsyncCursor[Any]) -> None:
    await run(cursor, _NOTES, {"own": tx.municipality_id, "at": tx.at, "topic": CHANGED})


async def _follow_relatives(tx: Transaction, cursor: AsyncCursor[Any], rules: Sequence[Rule], cause: Cause) -> None:
    depth = max((rule.depth for rule in rules), default=0)
    values = {"own": tx.municipality_id, "at": tx.at, "topic": RELATIVE, "cause": cause.kind, "depth": depth}
    if not depth or not await run(cursor, _RELATIVES, values):
        return
    await run(cursor, _HOLD, values)
    await run(cursor, _LEFT, values)
    await cursor.execute(_NEXT)
    await _bring_in_line(tx, cursor, rules, cause)
    await _note(tx, cursor)

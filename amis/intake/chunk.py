"""Taking many rows of a batch at once, with the full effect that `service.take` has for each of them.

Nothing is committed here: facts, rights, ledger, arrivals, audit and outbox of a chunk stand or fall together, and the
caller begins anew where somebody else came in between (`AGAIN`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import AsyncCursor
from psycopg.errors import DeadlockDetected, UniqueViolation

from amis.granting.service import hold_rules
from amis.intake import chunk_sql
from amis.intake.chunk_absence import Absences, absences, withdraw_absent
from amis.intake.chunk_effect import regrant_touched, settle_round, tell, values
from amis.intake.chunk_persons import People
from amis.intake.chunk_refused import quarantine_rows
from amis.intake.chunk_rows import Lot, Prepared, Row, prepare
from amis.intake.errors import Overtaken
from amis.kernel.db import Transaction
from amis.kernel.staging import copy_rows, run, staging
from amis.register import store as people
from amis.register.newcomers import Sealer
from sync.mapping import Mapping
from sync.verdict import Verdict

__all__ = [
    "AGAIN",
    "Absences",
    "Lot",
    "Prepared",
    "Row",
    "absences",
    "apply_chunk",
    "prepare",
    "withdraw_absent",
]
AGAIN = (DeadlockDetected, UniqueViolation, Overtaken)
"""What tells that another message got between: the whole transaction is to be tried again."""
_UNHELD: LiteralString = "SELECT count(*) FROM judged WHERE nth = %(nth)s AND unheld"
_COUNTS: LiteralString = "SELECT verdict, count(*) FROM judged GROUP BY verdict"


async def apply_chunk(tx: Transaction, lot: Lot, rows: Sequence[Row] | Prepared) -> Counter[Verdict]:
    """Takes rows of one batch in their order; how many had which verdict. Prepared ones cost no time here.

    Raises:
        Overtaken and the others of `AGAIN`: begin the transaction anew.
    """
    prepared = rows if isinstance(rows, Prepared) else prepare(tx.municipality_id, lot, rows)
    await hold_rules(tx)
    given = values(tx, lot) | {"unknown": await _unknown(tx, lot.mapping)}
    newly = People(Sealer(tx.municipality_id))
    async with staging(tx) as cursor:
        await _stage(cursor, prepared, given)
        judge = chunk_sql.JUDGE_EVENTS if lot.as_of is None else chunk_sql.JUDGE_SNAPSHOT
        for nth in range(1, prepared.rounds + 1):
            await _round(tx, cursor, prepared, newly, judge, given | {"nth": nth})
        await tell(tx, cursor, given)
        await quarantine_rows(tx, cursor, lot, prepared)
        await cursor.execute(_COUNTS)
        counts = Counter({Verdict(verdict): count for verdict, count in await cursor.fetchall()})
        await regrant_touched(tx, cursor, lot, newly.newcomers, newly.reborn)
    return counts


async def _stage(cursor: AsyncCursor[Any], prepared: Prepared, given: dict[str, object]) -> None:
    await cursor.execute(chunk_sql.TABLES)
    await copy_rows(cursor, chunk_sql.COPY, prepared.staged, chunk_sql.TYPES)
    await cursor.execute(chunk_sql.COUNTED)
    await run(cursor, chunk_sql.HOLD, given)
    await run(cursor, chunk_sql.REFUSED, given)


async def _round(
    tx: Transaction,
    cursor: AsyncCursor[Any],
    prepared: Prepared,
    newly: People,
    judge: LiteralString,
    given: dict[str, object],
) -> None:
    await run(cursor, judge, given)
    await cursor.execute(_UNHELD, given)
    if await cursor.fetchall() != [(0,)]:
        raise Overtaken
    await newly.complete(tx, cursor, prepared, given)
    await settle_round(cursor, given)


async def _unknown(tx: Transaction, mapping: Mapping) -> list[str]:
    """What the table means and this register has no word for, as `kind=value`."""
    words = (await people.vocabulary(tx)).facts
    unknown = []
    for meaning in set(mapping.statuses.values()):
        kind = words.get(meaning.fact)
        if kind is None or kind.numeric or (kind.values is not None and meaning.value not in kind.values):
            unknown.append(f"{meaning.fact}={meaning.value}")
    return unknown

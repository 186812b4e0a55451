"""Regranting a whole municipality by one rule after the other: what differs is written and logged in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from amis.granting import rulebook, suspension_store
from amis.granting.effective import CHOICE, OVERRIDE, override_values
from amis.granting.outcome import Rule, in_force
from amis.granting.regranting import Cause
from amis.granting.wholesale_sql import Changes, Special, changes
from amis.kernel import outbox
from amis.kernel.db import Transaction
from amis.register.models import Fact, Person

CHANGED_MANY = "entitlements.changed"
"""The outbox topic of a rule's changes for many persons at once; its key is the rule's id.

The payload names the rule, the cause_ref, and `log_from`, the least id of the rows of the log that tell of it.
"""
_WRITE = """
, removed AS (
    DELETE FROM entitlement USING changed WHERE entitlement.id = changed.row_id AND isempty(changed.after)
), written AS (
    UPDATE entitlement SET periods = after, rule_version = changed.version, rule_sha256 = {sha256},
        kept = changed.kept, suspended = changed.suspended, waived = changed.waived, modes = changed.modes,
        next_change = {next_change}, changed_at = %(at)s
    FROM changed WHERE entitlement.id = changed.row_id AND NOT isempty(changed.after)
), added AS (
    INSERT INTO entitlement (id, municipality_id, person_id, rule_id, concession_id, grantor_id, rule_version,
        rule_sha256, periods, kept, suspended, waived, modes, next_change, changed_at)
    SELECT uuidv7(), %(own)s, person_id, %(rule)s, %(concession)s, %(grantor)s, version,
        {sha256}, after, kept, suspended, waived, modes, {next_change}, %(at)s
    FROM changed WHERE row_id IS NULL
), logged AS (
    INSERT INTO entitlement_log (id, municipality_id, person_id, rule_id, concession_id, rule_version, change, gained,
        lost, cause, cause_ref, at)
    SELECT uuidv7(), %(own)s, person_id, %(rule)s, %(concession)s, version, {change}, gained,
        lost, %(cause)s, {ref}, %(at)s
    FROM changed WHERE told RETURNING id
)
{told}"""
_COUNTED = "SELECT count(*), min(id::text) FROM logged"
CHANGE = """CASE
    WHEN before = after OR NOT (isempty(gained) OR isempty(lost)) THEN 'changed'
    WHEN isempty(before) THEN 'begins' WHEN isempty(after) THEN 'ended'
    WHEN isempty(lost) THEN 'prolonged' ELSE 'shortened' END"""
# Compiling such a statement takes longer than it saves, and each parallel worker would gather all the facts for itself.
# Statements of one form differ by what they ask for: a plan for all of them is the wrong one for each.
_UNLIMITED = """SELECT current_setting('statement_timeout'), set_config('statement_timeout', '0', true),
    set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
    set_config('work_mem', '256MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)"""
_NEXT_CHANGE = """(
    SELECT min(edge) FROM unnest(after) x CROSS JOIN LATERAL (VALUES (lower(x)), (upper(x))) edges(edge)
    WHERE edge > %(today)s::date)"""


@dataclass(frozen=True, slots=True)
class Wholesale:
    """A rule with everything that a run over the whole register needs to know of the municipality."""

    rule: Rule
    changes: Changes


async def regrant_everybody(tx: Transaction, cause: Cause, *, only: Collection[UUID] | None = None) -> int:
    """Brings every person of the municipality in line with its rules and the state's; how many rights changed.

    Nobody is regranted singly meanwhile. `only` limits it to some rules.
    """
    await rulebook.hold_regranting(tx)
    if not await _anybody(tx):
        return 0
    words, changed = await rulebook.vocabulary(tx), 0
    for rule in await rulebook.rules(tx, words, only=only):
        changed += await regrant_by_rule(tx, rule, cause)
    return changed


async def regrant_by_rule(tx: Transaction, rule: Rule, cause: Cause) -> int:
    """Brings everybody in line with one rule; how many persons' rights changed. Nobody may be regranted meanwhile."""
    run = await prepared(tx, rule)
    values = written_by(tx, rule, cause)
    [(changed, log_from)] = await execute(tx, run.changes.text + writing(rule), run.changes.values | values)
    if changed:
        note = {"rule_id": str(rule.id), "cause_ref": cause.ref, "log_from": log_from}
        await outbox.publish(tx, CHANGED_MANY, str(rule.id), note)
    return int(changed)


def writing(rule: Rule, ref: str = "%(ref)s", told: str = _COUNTED) -> str:
    """What follows upon `changed`: it is written and logged; `told` ends the statement.

    `ref` is what the log refers to, an expression over `changed`.
    """
    shas = " ".join(f"WHEN {version.number:d} THEN '{version.sha256}'" for version, _ in in_force(rule.versions))
    sha256 = f"CASE version {shas} END"
    return _WRITE.format(sha256=sha256, next_change=_NEXT_CHANGE, change=CHANGE, ref=ref, told=told)


def written_by(tx: Transaction, rule: Rule, cause: Cause) -> dict[str, object]:
    """The parameters of `writing`."""
    about = {"concession": rule.concession_id, "grantor": rule.grantor_id, "at": tx.at}
    return about | {"cause": cause.kind, "ref": cause.ref}


async def prepared(tx: Transaction, rule: Rule, *, some: bool = False, plain: bool = False) -> Wholesale:
    """The statement of what a rule changes here and now, for everybody or as `changes` says for `some`.

    `plain` = it is known that nobody has anything of `Special`.
    """
    words, orders = await rulebook.vocabulary(tx), await suspension_store.orders(tx)
    special = Special(overridden=False, chosen=False) if plain else await _special(tx, rule)
    return Wholesale(rule, changes(rule, words, orders, special, tx.municipality_id, tx.day, some=some))


async def execute(tx: Transaction, statement: str, values: dict[str, object]) -> list[Any]:
    """Runs a statement over the whole register, which may take as long as it takes."""
    await tx.session.flush()
    before, *_ = (await tx.session.execute(text(_UNLIMITED))).one()
    connection = await tx.session.connection()
    rows = (await connection.exec_driver_sql(statement, values)).all()
    await tx.session.execute(select(func.set_config("statement_timeout", before, True)))
    return list(rows)


async def _anybody(tx: Transaction) -> bool:
    """Whether there are persons here: while a register is being founded, rules have nobody to grant to."""
    own = select(Person.id).where(Person.municipality_id == tx.municipality_id)
    return bool(await tx.session.scalar(select(own.exists())))


async def _special(tx: Transaction, rule: Rule) -> Special:
    own = Fact.municipality_id == tx.municipality_id, Fact.recorded_to.is_(None)
    overrides = select(Fact.id).where(
        *own, Fact.kind == OVERRIDE, Fact.value.in_(override_values(rule.concession_code))
    )
    choices = select(Fact.id).where(*own, Fact.kind == CHOICE, func.starts_with(Fact.value, f"{rule.concession_code}:"))
    overridden, chosen = (await tx.session.execute(select(overrides.exists(), choices.exists()))).one()
    return Special(overridden, chosen)

"""The rules in force as the evaluator takes them, and the lock under which they stay as they are."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.dialects.postgresql import array

from amis.concessions.models import Concession, ConcessionTerms
from amis.granting import suspension_store
from amis.granting.effective import CHOICE, OVERRIDE, with_own_words, with_policies
from amis.granting.models import GrantRule, RuleRead, RuleVersion
from amis.granting.outcome import Rule, Version, Waiver
from amis.granting.suspending import Order
from amis.kernel.db import Transaction
from amis.kernel.locks import Lock
from amis.kernel.models import STATE
from amis.register import store as register
from rules.condition import Condition, Reads, parse, reads
from rules.period import Days, Period
from rules.vocabulary import Vocabulary

_HELD, _RULES = "granting.held", "granting.rules"
_MOST_READ = 4096
_read: dict[tuple[str, str], tuple[Condition, Condition]] = {}


async def hold_rules(tx: Transaction) -> None:
    """No rule is published until this transaction ends; to be asked for before any person is locked.

    Somebody enrolled under the old rules would otherwise never meet those being published meanwhile.
    """
    if _HELD in tx.session.info:
        return
    await tx.session.execute(select(func.pg_advisory_xact_lock_shared(int(Lock.RULES), tx.municipality_id)))
    if not tx.session.in_nested_transaction():  # what is locked inside a savepoint is let go with it
        tx.session.info[_HELD] = True


async def hold_regranting(tx: Transaction) -> None:
    """Waits for those who hold the rules, and lets nobody be regranted until this transaction ends."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(int(Lock.RULES), tx.municipality_id)))
    forget_rules(tx)


def forget_rules(tx: Transaction) -> None:
    """The rules have changed in this transaction."""
    tx.session.info.pop(_RULES, None)


def readable(tx: Transaction) -> ColumnElement[bool]:
    """The rules that concern persons of this municipality: its own and the state's."""
    return GrantRule.municipality_id.in_({STATE, tx.municipality_id})


async def vocabulary(tx: Transaction) -> Vocabulary:
    """The words of this municipality's conditions, those of granting itself included."""
    return with_own_words(await register.vocabulary(tx))


async def rules(
    tx: Transaction,
    vocabulary: Vocabulary,
    *,
    kinds: Collection[str] | None = None,
    only: Collection[UUID] | None = None,
    of_relatives: bool = False,
) -> list[Rule]:
    """The rules that grant to persons of this municipality: its own and the state's, by code.

    `kinds` keeps those that depend on one of these (as RuleRead has them), with `of_relatives` those that depend on it,
    or with `kinds` None on anything, of a relative; `only` those with these ids. Read once in a transaction, which
    holds the rules.
    """
    wanted = _set(kinds), _set(only), of_relatives
    known: dict[object, list[Rule]] = tx.session.info.setdefault(_RULES, {})
    if wanted not in known:
        if kinds is not None and await _concern_all(tx, vocabulary, kinds):
            kinds = None
        known[wanted] = await _rules(tx, vocabulary, kinds, only, of_relatives)
    return known[wanted]


def _set(some: Collection[Any] | None) -> frozenset[Any] | None:
    return None if some is None else frozenset(some)


async def _concern_all(tx: Transaction, vocabulary: Vocabulary, kinds: Collection[str]) -> bool:
    """What concerns how a right is used, or whether a clerk overrode it, is no matter of one condition."""
    if CHOICE in kinds or OVERRIDE in kinds:
        return True
    spared = [one.condition for order in await suspension_store.orders(tx) for one in order.exemptions]
    return any(not read_kinds(condition, vocabulary).isdisjoint(kinds) for condition in spared)


def read_kinds(condition: Condition, vocabulary: Vocabulary) -> set[str]:
    """What a condition depends on, of anybody, as RuleRead has it."""
    return {kind for kind, _ in reads_by_path(condition, vocabulary)}


def depth_of_orders(orders: Sequence[Order], vocabulary: Vocabulary) -> int:
    """How many relations away the exceptions of orders look."""
    spared = [one.condition for order in orders for one in order.exemptions]
    return max((len(via.path) for each in spared for via in reads(each, vocabulary.definitions).via), default=0)


def reads_by_path(condition: Condition, vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """What a condition depends on (kind, path of relations), as RuleRead has it."""
    read = reads(condition, vocabulary.definitions)
    found = {(kind, "") for kind in _of_law(read)}
    for via in read.via:
        path = "/".join(via.path)
        found |= {(kind, path) for kind in via.facts} | {(f"group:{code}", path) for code in via.groups}
        found |= {("born", path)} if via.born else set()
    return found


def _of_law(read: Reads) -> Iterable[str]:
    yield from (f"param:{code}" for code in read.parameters)
    yield from (f"cohort:{code}" for code in read.cohorts)
    yield from (f"calendar:{code}" for code in read.calendars)


async def _rules(
    tx: Transaction,
    vocabulary: Vocabulary,
    kinds: Collection[str] | None,
    only: Collection[UUID] | None,
    of_relatives: bool,
) -> list[Rule]:
    query = (
        select(GrantRule, RuleVersion, Concession.code, _waivers(), _depth())
        .join(RuleVersion, (RuleVersion.rule_id == GrantRule.id) & RuleVersion.published_at.is_not(None))
        .join(Concession, Concession.id == GrantRule.concession_id)
        .where(readable(tx), GrantRule.state == "active")
    )
    if kinds is not None or of_relatives:
        query = query.where(_dependent(kinds, of_relatives))
    if only is not None:
        query = query.where(GrantRule.id.in_(only))
    rows = await tx.session.execute(query.order_by(GrantRule.code, GrantRule.id, RuleVersion.version))
    by_rule = groupby(rows, key=lambda row: row[0])
    return [_rule(rule, list(found), vocabulary) for rule, found in by_rule]


def _waivers() -> ColumnElement[Any]:
    kind = ConcessionTerms.terms["waiver"].astext
    rows = func.array_agg(array([kind, func.text(ConcessionTerms.valid_from), func.text(ConcessionTerms.valid_to)]))
    of_concession = ConcessionTerms.concession_id == GrantRule.concession_id
    return select(rows).where(of_concession, kind.is_not(None)).correlate(GrantRule).scalar_subquery()


def _depth() -> ColumnElement[int]:
    steps = func.array_length(func.string_to_array(RuleRead.via, "/"), 1)
    deepest = select(func.coalesce(func.max(steps), 0)).where(RuleRead.rule_id == GrantRule.id)
    return deepest.correlate(GrantRule).scalar_subquery()


def _dependent(kinds: Collection[str] | None, of_relatives: bool) -> ColumnElement[bool]:
    read = exists().where(RuleRead.rule_id == GrantRule.id)
    if of_relatives:
        read = read.where(RuleRead.via != "")
    if kinds is None:
        return read
    if of_relatives:
        return read.where(RuleRead.kind.in_(kinds))
    lifting = exists().where(
        ConcessionTerms.concession_id == GrantRule.concession_id, ConcessionTerms.terms["waiver"].astext.in_(kinds)
    )
    return or_(read.where(RuleRead.kind.in_(kinds)), lifting)


def _rule(rule: GrantRule, rows: Sequence[Any], vocabulary: Vocabulary) -> Rule:
    code = rows[0][2]
    versions = tuple(version_of(row[1], code, vocabulary) for row in rows)
    lifted = _lifted(rows[0][3])
    return Rule(rule.id, rule.code, rule.concession_id, code, rule.municipality_id, versions, lifted, rows[0][4])


async def waivers_of(tx: Transaction, concession_id: UUID) -> tuple[Waiver, ...]:
    """What lifts the calendar of a concession, as its terms say."""
    rule = select(_waivers()).select_from(GrantRule).where(GrantRule.concession_id == concession_id).limit(1)
    return _lifted(await tx.session.scalar(rule))


def _lifted(rows: Sequence[tuple[str, str, str | None]] | None) -> tuple[Waiver, ...]:
    return tuple(Waiver(kind, Days.of(Period(_day(first), _day(end)))) for kind, first, end in rows or ())


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def version_of(row: RuleVersion, concession_code: str, vocabulary: Vocabulary) -> Version:
    """A version as the evaluator takes it."""
    written, condition = _conditions(row, concession_code, vocabulary)
    return Version(
        row.version,
        Period(row.valid_from, row.valid_to),
        condition,
        row.sha256,
        row.legal_clause,
        written,
        row.on_ceasing,
        row.retired_on,
    )


def _conditions(row: RuleVersion, concession_code: str, vocabulary: Vocabulary) -> tuple[Condition, Condition]:
    """As written and with its policies. The hash names the content for good, so each is read once in a process."""
    key = row.sha256, concession_code
    if key not in _read:
        if len(_read) >= _MOST_READ:
            _read.clear()
        written = parse(row.condition, vocabulary)
        policies = row.on_becoming, row.on_ceasing, row.grace_months
        _read[key] = written, with_policies(written, concession_code, *policies)
    return _read[key]

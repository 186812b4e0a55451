"""Reads of granting: rules, entitlements, and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_

from amis.concessions.models import Concession
from amis.granting.errors import RuleUnknown
from amis.granting.explanation import Because, Changed, Explained, Known, RuleNames, explained
from amis.granting.glossary import glossary
from amis.granting.models import Entitlement, EntitlementLog, GrantRule, RuleRead, RuleVersion
from amis.granting.rulebook import forget_rules, hold_regranting, hold_rules, readable, rules, vocabulary
from amis.granting.words import Phrase, fact_said
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register import store as register
from amis.register.change import FactChange
from amis.register.models import Fact, Person, PersonGroup
from rules.period import EMPTY, Days
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class EntitlementView:
    """An entitlement of a person with the names of its rule and concession, and the legal clause it rests on."""

    id: UUID
    person_id: UUID
    rule_id: UUID
    rule: RuleNames
    periods: Days
    rule_version: int
    rule_sha256: str
    legal_clause: str
    next_change: date | None
    changed_at: datetime
    suspended: Days = EMPTY
    waived: Days = EMPTY
    modes: tuple[str, ...] = ()

    @property
    def usable(self) -> Days:
        """The granted days on which no order rests the right."""
        return self.periods - self.suspended


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with its names and every version, newest first."""

    id: UUID
    names: RuleNames
    versions: tuple[RuleVersion, ...]


def _names(rule: GrantRule, concession: Concession) -> RuleNames:
    name = Phrase(concession.name_lv, concession.name_en)
    return RuleNames(rule.code, concession.id, concession.code, name, rule.municipality_id)


async def rule_by_code(tx: Transaction, code: str) -> GrantRule | None:
    """The rule of the acting municipality with this code."""
    return await tx.session.scalar(
        select(GrantRule).where(GrantRule.municipality_id == tx.municipality_id, GrantRule.code == code)
    )


async def versions_of(tx: Transaction, rule_id: UUID) -> list[RuleVersion]:
    """Every version of a rule, newest first."""
    query = select(RuleVersion).where(
        RuleVersion.municipality_id.in_({STATE, tx.municipality_id}), RuleVersion.rule_id == rule_id
    )
    return list(await tx.session.scalars(query.order_by(RuleVersion.version.desc())))


async def list_rules(tx: Transaction) -> list[RuleView]:
    """Own rules and the state's (last), by code."""
    found = await _named_rules(tx)
    order = sorted(found, key=lambda row: (row[0].municipality_id == STATE, row[0].code))
    return [RuleView(rule.id, _names(rule, given), tuple(await versions_of(tx, rule.id))) for rule, given in order]


async def get_rule(tx: Transaction, rule_id: UUID) -> RuleView:
    """One rule.

    Raises:
        RuleUnknown
    """
    for rule, given in await _named_rules(tx, rule_id):
        return RuleView(rule.id, _names(rule, given), tuple(await versions_of(tx, rule.id)))
    raise RuleUnknown


async def reads_of(tx: Transaction, rule_id: UUID, version: int) -> list[str]:
    """What a version depends on, as RuleRead has it."""
    query = select(RuleRead.kind).distinct().where(RuleRead.rule_id == rule_id, RuleRead.version == version)
    return list(await tx.session.scalars(query.order_by(RuleRead.kind)))


async def _named_rules(tx: Transaction, rule_id: UUID | None = None) -> list[tuple[GrantRule, Concession]]:
    query = select(GrantRule, Concession).join(Concession, Concession.id == GrantRule.concession_id).where(readable(tx))
    if rule_id is not None:
        query = query.where(GrantRule.id == rule_id)
    return [(rule, concession) for rule, concession in await tx.session.execute(query)]


async def person_ids(tx: Transaction) -> list[UUID]:
    """Every person of the municipality whose data are not erased, and whom no other stands for."""
    query = select(Person.id).where(
        Person.municipality_id == tx.municipality_id, Person.erased_at.is_(None), Person.merged_into.is_(None)
    )
    return list(await tx.session.scalars(query.order_by(Person.id)))


async def kinds_touched(tx: Transaction, changes: Collection[FactChange]) -> set[str]:
    """The fact kinds that the changes state, and those that their records stated before."""
    records = {(change.source, change.record_id) for change in changes}
    query = select(Fact.kind).where(
        Fact.municipality_id == tx.municipality_id,
        Fact.recorded_to.is_(None),
        tuple_(Fact.source, Fact.record_id).in_(records),
    )
    return {change.kind for change in changes} | set(await tx.session.scalars(query))


def _entitlements(tx: Transaction, person_id: UUID) -> Select[Entitlement, GrantRule, Concession, str]:
    return (
        select(Entitlement, GrantRule, Concession, RuleVersion.legal_clause)
        .join(GrantRule, GrantRule.id == Entitlement.rule_id)
        .join(Concession, Concession.id == Entitlement.concession_id)
        .join(
            RuleVersion,
            (RuleVersion.rule_id == Entitlement.rule_id) & (RuleVersion.version == Entitlement.rule_version),
        )
        .where(Entitlement.municipality_id == tx.municipality_id, Entitlement.person_id == person_id)
        .order_by(GrantRule.code, GrantRule.municipality_id)
        .execution_options(populate_existing=True)
    )


async def entitlements_of(tx: Transaction, person_id: UUID) -> list[EntitlementView]:
    """Everything that a person has, had or will have, by code of the rule."""
    rows = await tx.session.execute(_entitlements(tx, person_id))
    return [_view(*row) for row in rows]


async def live_entitlements(tx: Transaction, person_id: UUID, day: date) -> list[EntitlementView]:
    """What a person has on a local day."""
    query = _entitlements(tx, person_id).where(
        Entitlement.from_day <= day, or_(Entitlement.until_day.is_(None), Entitlement.until_day > day)
    )
    rows = await tx.session.execute(query)
    # the hull is only a first sieve: a right may pause inside it
    return [_view(*row) for row in rows if day in row[0].periods]


def _view(row: Entitlement, rule: GrantRule, concession: Concession, legal_clause: str) -> EntitlementView:
    return EntitlementView(
        row.id,
        row.person_id,
        row.rule_id,
        _names(rule, concession),
        row.periods,
        row.rule_version,
        row.rule_sha256,
        legal_clause,
        row.next_change,
        row.changed_at,
        row.suspended,
        row.waived,
        tuple(row.modes),
    )


async def entitlement_log(tx: Transaction, person_id: UUID) -> list[EntitlementLog]:
    """What a person gained and lost, newest first."""
    # ids are drawn while the person is locked, so they tell the order; instants are those at which transactions began
    query = select(EntitlementLog).where(
        EntitlementLog.municipality_id == tx.municipality_id, EntitlementLog.person_id == person_id
    )
    return list(await tx.session.scalars(query.order_by(EntitlementLog.id.desc())))


async def explain(tx: Transaction, person_id: UUID, day: date) -> list[Explained]:
    """Every rule that could grant to the person: does it on this day, why or why not, and what is nearest.

    Raises:
        PersonUnknown
    """
    words = await vocabulary(tx)
    found = await rules(tx, words)
    known = await _known(tx, person_id, day, words, max((rule.depth for rule in found), default=0))
    names = {rule.id: _names(rule, given) for rule, given in await _named_rules(tx)}
    return [explained(rule, names[rule.id], known, day) for rule in found]


async def _known(tx: Transaction, person_id: UUID, day: date, words: Vocabulary, depth: int) -> Known:
    person = await register.person_facts(tx, person_id, depth=depth)
    facts = {str(fact.id): _because(fact) for fact in await register.facts_timeline(tx, person_id)}
    log = await entitlement_log(tx, person_id)

    def changed(rule_id: UUID, holds: bool) -> Changed | None:
        entries = (one for one in log if one.rule_id == rule_id and day in (one.gained if holds else one.lost))
        return next((Changed(one.cause, one.cause_ref, one.at) for one in entries), None)

    return Known(person, words, await glossary(tx), facts, changed, await _kept(tx, person_id))


async def _kept(tx: Transaction, person_id: UUID) -> dict[UUID, Days]:
    query = select(Entitlement.rule_id, Entitlement.kept).where(
        Entitlement.municipality_id == tx.municipality_id, Entitlement.person_id == person_id
    )
    return {row.rule_id: row.kept for row in await tx.session.execute(query)}


async def groups(tx: Transaction) -> list[PersonGroup]:
    """The groups that conditions of this municipality may name."""
    return list(await tx.session.scalars(select(PersonGroup).where(PersonGroup.municipality_id == tx.municipality_id)))


def _because(fact: Fact) -> Because:
    return Because(
        fact.id,
        fact_said(fact.kind, fact.value),
        fact.valid_from,
        fact.valid_to,
        fact.source,
        fact.record_id,
        fact.version,
        fact.recorded_from,
        fact.decision,
        fact.provenance,
    )


async def retroactive(tx: Transaction, since: datetime) -> list[EntitlementLog]:
    """Changes made since an instant that took away days before the local day on which they were made, oldest first."""
    local = func.date(func.timezone(RIGA.key, EntitlementLog.at))
    query = select(EntitlementLog).where(
        EntitlementLog.municipality_id == tx.municipality_id,
        EntitlementLog.at >= since,
        func.lower(EntitlementLog.lost) < local,
    )
    return list(await tx.session.scalars(query.order_by(EntitlementLog.id)))


__all__ = [
    "EntitlementView",
    "RuleView",
    "entitlement_log",
    "entitlements_of",
    "explain",
    "forget_rules",
    "get_rule",
    "groups",
    "hold_regranting",
    "hold_rules",
    "kinds_touched",
    "list_rules",
    "live_entitlements",
    "person_ids",
    "reads_of",
    "retroactive",
    "rule_by_code",
    "rules",
    "versions_of",
    "vocabulary",
]

"""Regranting: a person's entitlements are brought in line with the facts, in the transaction that changed them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.granting import rulebook, store, suspension_store
from amis.granting.models import Entitlement, EntitlementLog
from amis.granting.outcome import EntitlementDiff, Outcome, Rule, entitled
from amis.kernel import outbox
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import service as register_service
from amis.register import store as register
from amis.register.models import Person
from amis.register.service import FactChange
from rules.period import EMPTY

CHANGED = "entitlement.changed"
"""The outbox topic by which other rooms hear of a change; its key is the person's id."""
RELATIVE = "relative.changed"
"""The outbox topic of somebody whose rights rest on a relative of whom something has changed; its key is their id."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why entitlements change: a kind (notice, clerk, rule, list, death) and what it refers to, e.g. a message id."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Regranted:
    """Whether any fact changed, and what that changed in the person's entitlements."""

    changed: bool
    diffs: tuple[EntitlementDiff, ...]


async def record_and_regrant(
    tx: Transaction, person_id: UUID, changes: Sequence[FactChange], cause: Cause, *, anew: bool = False
) -> Regranted:
    """Records what a source states and brings the entitlements in line, both or neither; those of relatives too.

    `anew` tries all rules, as for somebody whom none has seen yet, instead of those that read what has changed.

    Raises:
        PersonUnknown and everything that `register.service.record` raises.
    """
    await rulebook.hold_rules(tx)
    person = await register.lock_person(tx, person_id)
    kinds = None if anew else await store.kinds_touched(tx, changes)
    changed = any([await register_service.record_of(tx, person, change) for change in changes])
    if changed:
        await register_service.reckon(tx, [person.id], kinds)
    if not changed and not anew:
        return Regranted(False, ())
    return Regranted(changed, tuple(await _followed(tx, person_id, cause, kinds, None)))


async def regrant(
    tx: Transaction,
    person_id: UUID,
    cause: Cause,
    *,
    kinds: Collection[str] | None = None,
    only: Collection[UUID] | None = None,
) -> list[EntitlementDiff]:
    """Evaluates the rules for a person and writes what differs; all rules unless `kinds` or `only` limit them.

    `kinds` are what has changed of the person, as RuleRead names it; `only` are ids of rules. Relatives whose rights
    rest on this person follow. Returns what changed for the person.

    Raises:
        PersonUnknown
    """
    await rulebook.hold_rules(tx)
    # held on to, so that reading the facts does not look the person up once more
    person = await register.lock_person(tx, person_id)
    return await _followed(tx, person.id, cause, kinds, only)


async def _followed(
    tx: Transaction,
    person_id: UUID,
    cause: Cause,
    kinds: Collection[str] | None,
    only: Collection[UUID] | None,
) -> list[EntitlementDiff]:
    words = await rulebook.vocabulary(tx)
    rules = await rulebook.rules(tx, words, kinds=kinds, only=only)
    diffs = await bring_in_line(tx, person_id, rules, cause)
    if any(rule.depth for rule in rules):
        of_relatives = await rulebook.rules(tx, words, kinds=kinds, only=only, of_relatives=True)
        await follow_relatives(tx, [person_id], of_relatives, cause)
    return diffs


async def bring_in_line(tx: Transaction, person_id: UUID, rules: Sequence[Rule], cause: Cause) -> list[EntitlementDiff]:
    """Writes what these rules give a locked person now; tells of what differs."""
    if not rules:
        return []
    words, orders = await rulebook.vocabulary(tx), await suspension_store.orders(tx)
    depth = max(max(rule.depth for rule in rules), rulebook.depth_of_orders(orders, words))
    person = await register.person_facts(tx, person_id, depth=depth)
    rows = await _rows(tx, person_id, [rule.id for rule in rules])
    diffs = []
    for rule in rules:
        row = rows.get(rule.id)
        before = _before(row)
        given = entitled(rule, person, words, orders, (before.periods, before.kept), tx.day)
        if await _write(tx, person_id, rule, row, given):
            number = given.version.number if given.version else None
            diffs.append(EntitlementDiff(rule.id, rule.code, rule.concession_id, number, before.periods, given.periods))
    await _tell(tx, person_id, diffs, cause)
    return diffs


async def follow_relatives(tx: Transaction, persons: Sequence[UUID], rules: Sequence[Rule], cause: Cause) -> None:
    """Regrants those who have one of these persons as a relative, by the rules that look at relatives.

    Whoever is locked by another transaction is left to the worker: waiting for each other would be for ever.
    """
    depth = max((rule.depth for rule in rules), default=0)
    touched: set[UUID] = set()
    for person_id in persons if depth else ():
        touched |= await register.relatives_touched(tx, person_id, depth)
    free = await _locked_now(tx, touched)
    for relative in free:
        await bring_in_line(tx, relative, rules, cause)
    for relative in sorted(touched.difference(free)):
        note = {"person_id": str(relative), "cause": cause.kind, "cause_ref": cause.ref}
        await outbox.publish(tx, RELATIVE, str(relative), note)


async def _locked_now(tx: Transaction, persons: Collection[UUID]) -> list[UUID]:
    if not persons:
        return []
    query = select(Person.id).where(
        Person.municipality_id == tx.municipality_id, Person.id.in_(persons), Person.erased_at.is_(None)
    )
    return list(await tx.session.scalars(query.order_by(Person.id).with_for_update(key_share=True, skip_locked=True)))


async def _rows(tx: Transaction, person_id: UUID, rule_ids: Collection[UUID]) -> dict[UUID, Entitlement]:
    found = await tx.session.scalars(
        select(Entitlement)
        .where(
            Entitlement.municipality_id == tx.municipality_id,
            Entitlement.person_id == person_id,
            Entitlement.rule_id.in_(rule_ids),
        )
        .execution_options(populate_existing=True)
    )
    return {row.rule_id: row for row in found}


def _before(row: Entitlement | None) -> Outcome:
    if row is None:
        return Outcome(EMPTY, None)
    return Outcome(row.periods, None, row.kept, row.suspended, row.waived, tuple(row.modes))


async def _write(tx: Transaction, person_id: UUID, rule: Rule, row: Entitlement | None, given: Outcome) -> bool:
    """Whether days, or how they may be used, are different now."""
    changed = _before(row) != replace(given, version=None)
    if given.version is None:
        if row is not None:
            await tx.session.delete(row)
        return row is not None
    if row is None:
        row = _new(tx, person_id, rule)
        tx.session.add(row)
    if changed or row.rule_version != given.version.number:
        row.periods, row.rule_version, row.rule_sha256 = given.periods, given.version.number, given.version.sha256
        row.kept, row.suspended, row.waived, row.modes = given.kept, given.suspended, given.waived, list(given.modes)
        row.next_change, row.changed_at = given.periods.next_change(tx.day), tx.at
    return changed


def _new(tx: Transaction, person_id: UUID, rule: Rule) -> Entitlement:
    return Entitlement(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person_id,
        rule_id=rule.id,
        concession_id=rule.concession_id,
        grantor_id=rule.grantor_id,
    )


async def _tell(tx: Transaction, person_id: UUID, diffs: Sequence[EntitlementDiff], cause: Cause) -> None:
    """Log (each row is an audit leaf) and outbox note of a change; nothing where nothing changed."""
    if not diffs:
        await tx.session.flush()
        return
    tx.session.add_all(_entry(tx, person_id, diff, cause) for diff in diffs)
    payload: dict[str, Any] = {"person_id": str(person_id)}
    # an order that rests a right takes away as much as a lost day does
    lost = any(diff.lost or diff.before == diff.after for diff in diffs)
    payload |= {"gained": any(diff.gained for diff in diffs), "lost": lost}
    await outbox.publish(tx, CHANGED, str(person_id), payload)


def _entry(tx: Transaction, person_id: UUID, diff: EntitlementDiff, cause: Cause) -> EntitlementLog:
    return EntitlementLog(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person_id,
        rule_id=diff.rule_id,
        concession_id=diff.concession_id,
        rule_version=diff.version,
        change=diff.change,
        gained=diff.gained,
        lost=diff.lost,
        cause=cause.kind,
        cause_ref=cause.ref,
        at=tx.at,
    )

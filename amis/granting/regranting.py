"""Regranting: a person's entitlements are brought in line with the facts, in the transaction that changed them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.granting import store
from amis.granting.models import Entitlement, EntitlementLog
from amis.granting.outcome import EntitlementDiff, Outcome, Rule, Version, outcome
from amis.kernel import audit, outbox
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import service as register_service
from amis.register import store as register
from amis.register.service import FactChange
from rules.period import EMPTY

CHANGED = "entitlement.changed"
"""The outbox topic by which other rooms hear of a change; its key is the person's id."""


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
    """Records what a source states and brings the entitlements in line, both or neither.

    `anew` tries all rules, as for somebody whom none has seen yet, instead of those that read what has changed.

    Raises:
        PersonUnknown and everything that `register.service.record` raises.
    """
    await store.hold_rules(tx)
    person = await register.lock_person(tx, person_id)
    kinds = None if anew else await store.kinds_touched(tx, changes)
    changed = any([await register_service.record_of(tx, person, change) for change in changes])
    if not changed and not anew:
        return Regranted(False, ())
    return Regranted(changed, tuple(await _regranted(tx, person_id, cause, kinds, None)))


async def regrant(
    tx: Transaction,
    person_id: UUID,
    cause: Cause,
    *,
    kinds: Collection[str] | None = None,
    only: Collection[UUID] | None = None,
) -> list[EntitlementDiff]:
    """Evaluates the rules for a person and writes what differs; all rules unless `kinds` or `only` limit them.

    `kinds` are the changed fact kinds (or `group:<code>`), `only` are ids of rules.

    Raises:
        PersonUnknown
    """
    await store.hold_rules(tx)
    # held on to, so that reading the facts does not look the person up once more
    person = await register.lock_person(tx, person_id)
    return await _regranted(tx, person.id, cause, kinds, only)


async def _regranted(
    tx: Transaction,
    person_id: UUID,
    cause: Cause,
    kinds: Collection[str] | None,
    only: Collection[UUID] | None,
) -> list[EntitlementDiff]:
    vocabulary = await register.vocabulary(tx)
    rules = await store.rules(tx, vocabulary, kinds=kinds, only=only)
    if not rules:
        return []
    person = await register.person_facts(tx, person_id)
    rows = await _rows(tx, person_id, [rule.id for rule in rules])
    diffs = []
    for rule in rules:
        row, given = rows.get(rule.id), outcome(rule, person, vocabulary)
        before = row.periods if row else EMPTY
        await _write(tx, person_id, rule, row, given)
        if before != given.periods:
            diffs.append(EntitlementDiff(rule.id, rule.code, rule.concession_id, before, given.periods))
    await _tell(tx, person_id, diffs, cause)
    return diffs


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


async def _write(tx: Transaction, person_id: UUID, rule: Rule, row: Entitlement | None, given: Outcome) -> None:
    if given.version is None:
        if row is not None:
            await tx.session.delete(row)
        return
    if row is None:
        tx.session.add(_new(tx, person_id, rule, given, given.version))
    elif (row.periods, row.rule_version) != (given.periods, given.version.number):
        row.periods, row.rule_version, row.rule_sha256 = given.periods, given.version.number, given.version.sha256
        row.next_change, row.changed_at = given.periods.next_change(_day(tx)), tx.at


def _new(tx: Transaction, person_id: UUID, rule: Rule, given: Outcome, version: Version) -> Entitlement:
    return Entitlement(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person_id,
        rule_id=rule.id,
        concession_id=rule.concession_id,
        grantor_id=rule.grantor_id,
        rule_version=version.number,
        rule_sha256=version.sha256,
        periods=given.periods,
        next_change=given.periods.next_change(_day(tx)),
        changed_at=tx.at,
    )


def _day(tx: Transaction) -> date:
    return tx.at.astimezone(RIGA).date()


async def _tell(tx: Transaction, person_id: UUID, diffs: Sequence[EntitlementDiff], cause: Cause) -> None:
    """Log, audit leaf and outbox note of a change; nothing where nothing changed."""
    if not diffs:
        await tx.session.flush()
        return
    tx.session.add_all(_entry(tx, person_id, diff, cause) for diff in diffs)
    await audit.record(
        tx,
        "entitlement.change",
        ("person", person_id),
        before={diff.rule_code: str(diff.before) for diff in diffs},
        after={diff.rule_code: str(diff.after) for diff in diffs},
        reason=f"{cause.kind}: {cause.ref}",
    )
    payload: dict[str, Any] = {"person_id": str(person_id)}
    payload |= {"gained": any(diff.gained for diff in diffs), "lost": any(diff.lost for diff in diffs)}
    await outbox.publish(tx, CHANGED, str(person_id), payload)


def _entry(tx: Transaction, person_id: UUID, diff: EntitlementDiff, cause: Cause) -> EntitlementLog:
    return EntitlementLog(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person_id,
        rule_id=diff.rule_id,
        concession_id=diff.concession_id,
        gained=diff.gained,
        lost=diff.lost,
        cause=cause.kind,
        cause_ref=cause.ref,
        at=tx.at,
    )

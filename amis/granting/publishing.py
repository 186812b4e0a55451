"""Publishing a rule: its condition is checked, a version is added for good, and everybody is regranted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.concessions import store as concessions
from amis.concessions.errors import ConcessionRetired, ConcessionUnknown
from amis.granting import store
from amis.granting.errors import (
    ConcessionRuled,
    ConditionInvalid,
    FourEyes,
    LegalClauseMissing,
    RulePeriodInvalid,
    StateRuleWithGroup,
)
from amis.granting.models import GrantRule, RuleRead, RuleVersion
from amis.granting.regranting import Cause, regrant
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.models import STATE
from amis.register import store as register
from rules.condition import Condition, Reads, digest, parse, reads, to_json
from rules.errors import Refused


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A version to publish: who gets the concession on the days `[valid_from, valid_to)`, by which legal clause.

    `condition` is JSON of rules.condition. A newer version replaces older ones on its own days only.
    """

    code: str
    concession_code: str
    condition: dict[str, Any]
    legal_clause: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The version now in force; `changed` is False where the newest version said the same already."""

    rule_id: UUID
    version: int
    sha256: str
    changed: bool
    persons_changed: int


async def publish_rule(tx: Transaction, draft: RuleDraft, *, approver: str | None = None) -> Published:
    """Publishes a version of a rule of the acting municipality and regrants all its persons.

    A member of staff needs an `approver` (account id) other than themselves; the system publishes alone. Persons of
    other municipalities follow a rule of the state by `regrant_everybody` in their own transactions.

    Raises:
        ConditionInvalid, RulePeriodInvalid, LegalClauseMissing, StateRuleWithGroup, ConcessionUnknown,
        ConcessionRetired, ConcessionRuled, FourEyes
    """
    approved = _approver(tx, approver)
    await store.hold_regranting(tx)
    condition = await _checked(tx, draft)
    rule = await _rule(tx, draft)
    newest = next(iter(await store.versions_of(tx, rule.id)), None)
    sha256 = digest(condition)
    if newest is not None and _same(newest, draft, sha256):
        return Published(rule.id, newest.version, sha256, False, 0)
    if (await concessions.get_concession(tx, rule.concession_id)).state == "retired":
        raise ConcessionRetired
    number = newest.version + 1 if newest else 1
    await _add(tx, rule, number, draft, condition, approved)
    cause = Cause("rule", f"{draft.code} v{number}")
    return Published(rule.id, number, sha256, True, await regrant_everybody(tx, cause, only=[rule.id]))


async def regrant_everybody(tx: Transaction, cause: Cause, *, only: Collection[UUID] | None = None) -> int:
    """Regrants every person of the municipality; how many of them had any change."""
    await store.hold_regranting(tx)
    changed = 0
    for person_id in await store.person_ids(tx):
        changed += bool(await regrant(tx, person_id, cause, only=only))
    return changed


def _approver(tx: Transaction, approver: str | None) -> str:
    if tx.actor.kind == "system":
        return approver or tx.actor.id
    if approver is None or approver == tx.actor.id:
        raise FourEyes
    return approver


async def _checked(tx: Transaction, draft: RuleDraft) -> Condition:
    if draft.valid_to is not None and draft.valid_to <= draft.valid_from:
        raise RulePeriodInvalid(pointer="/valid_to")
    if not draft.legal_clause.strip():
        raise LegalClauseMissing(pointer="/legal_clause")
    try:
        condition = parse(draft.condition, await register.vocabulary(tx))
    except Refused as error:
        raise ConditionInvalid(str(error), pointer=f"/condition{error.place}") from error
    if tx.municipality_id == STATE and reads(condition).groups:
        raise StateRuleWithGroup(pointer="/condition")
    return condition


async def _rule(tx: Transaction, draft: RuleDraft) -> GrantRule:
    concession = await concessions.by_code(tx, tx.municipality_id, draft.concession_code)
    if concession is None:
        raise ConcessionUnknown(draft.concession_code, pointer="/concession_code")
    # publishing twice at once would number two versions alike
    rule = await tx.session.scalar(
        select(GrantRule)
        .where(
            GrantRule.municipality_id == tx.municipality_id,
            GrantRule.concession_id == concession.id,
            GrantRule.state == "active",
        )
        .with_for_update(key_share=True)
    )
    if rule is None and await store.rule_by_code(tx, draft.code) is None:
        rule = GrantRule(
            id=new_id(),
            municipality_id=tx.municipality_id,
            code=draft.code,
            concession_id=concession.id,
            state="active",
        )
        tx.session.add(rule)
        await tx.session.flush()
    if rule is None or rule.code != draft.code:
        raise ConcessionRuled(draft.concession_code, pointer="/concession_code")
    return rule


def _same(newest: RuleVersion, draft: RuleDraft, sha256: str) -> bool:
    known = newest.sha256, newest.legal_clause, newest.valid_from, newest.valid_to
    return known == (sha256, draft.legal_clause, draft.valid_from, draft.valid_to)


async def _add(
    tx: Transaction, rule: GrantRule, number: int, draft: RuleDraft, condition: Condition, approver: str
) -> None:
    version = RuleVersion(
        rule_id=rule.id,
        version=number,
        municipality_id=tx.municipality_id,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        condition=to_json(condition),
        sha256=digest(condition),
        legal_clause=draft.legal_clause,
        state="active",
        author=tx.actor.id,
        approver=approver,
        published_at=tx.at,
    )
    tx.session.add(version)
    await tx.session.flush()
    tx.session.add_all(
        RuleRead(rule_id=rule.id, version=number, kind=kind, municipality_id=tx.municipality_id)
        for kind in _kinds(reads(condition))
    )
    await tx.session.flush()
    store.forget_rules(tx)
    after = {"version": number, "sha256": version.sha256, "author": version.author, "approver": approver}
    await audit.record(tx, "rule.publish", ("rule", rule.id), after=after, reason=draft.legal_clause)


def _kinds(read: Reads) -> list[str]:
    return sorted(read.facts) + [f"group:{code}" for code in sorted(read.groups)]

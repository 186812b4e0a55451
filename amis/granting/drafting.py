"""Writing a version of a rule: what is checked before it may be kept, and the row that keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from amis.concessions import store as concessions
from amis.concessions.drafts import CODE
from amis.concessions.errors import ConcessionRetired, ConcessionUnknown
from amis.granting import rulebook, store
from amis.granting.cases import read_cases
from amis.granting.effective import OnBecoming, OnCeasing, digest
from amis.granting.errors import (
    ConcessionRuled,
    ConditionInvalid,
    LegalClauseMissing,
    PolicyInvalid,
    RuleCodeInvalid,
    RulePeriodInvalid,
    StateRuleWithGroup,
)
from amis.granting.models import GrantRule, RuleVersion
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.models import STATE
from rules.condition import Condition, parse, reads, to_json
from rules.errors import Refused

_LONGEST_GRACE = 1200


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A version to write: who gets the concession on the days `[valid_from, valid_to)`, by which legal clause.

    `condition` is JSON of rules.condition, `cases` of granting.cases; the policies are those of granting.effective. A
    newer version replaces older ones on its own days only.
    """

    code: str
    concession_code: str
    condition: dict[str, Any]
    legal_clause: str
    valid_from: date
    valid_to: date | None = None
    on_becoming: str = OnBecoming.AUTOMATIC
    on_ceasing: str = OnCeasing.IMMEDIATE
    grace_months: int | None = None
    cases: Sequence[dict[str, Any]] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class VersionKey:
    """Names a version."""

    rule_id: UUID
    version: int


async def checked(tx: Transaction, draft: RuleDraft) -> Condition:
    """The condition of a draft that can stand.

    Raises:
        RuleCodeInvalid, RulePeriodInvalid, LegalClauseMissing, PolicyInvalid, ConditionInvalid, StateRuleWithGroup,
        CaseInvalid
    """
    if not CODE.fullmatch(draft.code):
        raise RuleCodeInvalid(draft.code, pointer="/code")
    if draft.valid_to is not None and draft.valid_to <= draft.valid_from:
        raise RulePeriodInvalid(pointer="/valid_to")
    if not draft.legal_clause.strip():
        raise LegalClauseMissing(pointer="/legal_clause")
    _check_policies(draft)
    words = await rulebook.vocabulary(tx)
    try:
        condition = parse(draft.condition, words)
    except Refused as error:
        raise ConditionInvalid(str(error), pointer=f"/condition{error.place}") from error
    if tx.municipality_id == STATE and reads(condition).groups:
        raise StateRuleWithGroup(pointer="/condition")
    read_cases(draft.cases, words)
    return condition


def _check_policies(draft: RuleDraft) -> None:
    for name, known in (("on_becoming", OnBecoming), ("on_ceasing", OnCeasing)):
        if getattr(draft, name) not in set(known):
            raise PolicyInvalid(getattr(draft, name), pointer=f"/{name}")
    if draft.on_ceasing != OnCeasing.GRACE:
        if draft.grace_months is not None:
            raise PolicyInvalid(pointer="/grace_months")
    elif draft.grace_months is None or not 0 < draft.grace_months <= _LONGEST_GRACE:
        raise PolicyInvalid(pointer="/grace_months")


async def rule_for(tx: Transaction, draft: RuleDraft) -> GrantRule:
    """The rule that the draft is a version of, locked; made where the concession has none yet.

    Raises:
        ConcessionUnknown, ConcessionRetired, ConcessionRuled
    """
    concession = await concessions.by_code(tx, tx.municipality_id, draft.concession_code)
    if concession is None:
        raise ConcessionUnknown(draft.concession_code, pointer="/concession_code")
    if concession.state == "retired":
        raise ConcessionRetired
    # drafting twice at once would number two versions alike
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
        try:
            await tx.session.flush()
        except IntegrityError as error:  # somebody else's rule came first
            raise ConcessionRuled(draft.concession_code, pointer="/concession_code") from error
    if rule is None or rule.code != draft.code:
        raise ConcessionRuled(draft.concession_code, pointer="/concession_code")
    return rule


async def add_version(tx: Transaction, rule: GrantRule, draft: RuleDraft, condition: Condition) -> RuleVersion:
    """Keeps a checked draft as the newest version of its rule."""
    newest = next(iter(await store.versions_of(tx, rule.id)), None)
    row = RuleVersion(
        rule_id=rule.id,
        version=newest.version + 1 if newest else 1,
        municipality_id=tx.municipality_id,
        created_at=tx.at,
    )
    write(tx, row, draft, condition)
    tx.session.add(row)
    await tx.session.flush()
    return row


def write(tx: Transaction, row: RuleVersion, draft: RuleDraft, condition: Condition) -> None:
    """Puts a checked draft into the row of a version, which is a draft again; who wrote last is its author."""
    row.valid_from, row.valid_to, row.legal_clause = draft.valid_from, draft.valid_to, draft.legal_clause
    row.condition, row.cases, row.note = to_json(condition), list(draft.cases), draft.note
    row.on_becoming, row.on_ceasing, row.grace_months = (
        str(draft.on_becoming),
        str(draft.on_ceasing),
        draft.grace_months,
    )
    row.sha256 = digest(condition, row.on_becoming, row.on_ceasing, row.grace_months)
    row.state, row.author, row.approver, row.changed_at = "draft", tx.actor.id, None, tx.at

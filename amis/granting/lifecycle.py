"""The life of a rule version: draft, tested, in review, approved by somebody else than the author, active, retired.

Until it is active a version may be written anew, which makes a draft of it again. Of one rule no two versions for some
of the same days are in review at once: it would not be settled which of them replaces the other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from amis.granting import rulebook, store
from amis.granting.cases import CaseReport, read_cases, try_cases
from amis.granting.drafting import RuleDraft, VersionKey, add_version, checked, rule_for, write
from amis.granting.effective import effective
from amis.granting.errors import (
    CaseFails,
    ConcessionRuled,
    FourEyes,
    ReasonMissing,
    RuleUnknown,
    VersionChanged,
    VersionOverlaps,
    VersionStateWrong,
)
from amis.granting.models import GrantRule, RuleVersion
from amis.granting.publishing import Published, follow_by_rule, put_in_force
from amis.granting.regranting import Cause
from amis.kernel import audit
from amis.kernel.db import Transaction
from rules.condition import parse
from rules.period import Days, Period

_REVIEWED = ("in_review", "approved")
_LONGEST_REASON = 500


async def draft_rule(tx: Transaction, draft: RuleDraft) -> VersionKey:
    """Keeps a new version that grants nothing yet; the rule is made where the concession has none.

    Raises:
        everything that `drafting.checked` and `drafting.rule_for` raise.
    """
    condition = await checked(tx, draft)
    rule = await rule_for(tx, draft)
    row = await add_version(tx, rule, draft, condition)
    await _audited(tx, "rule.draft", row)
    return VersionKey(rule.id, row.version)


async def change_draft(tx: Transaction, key: VersionKey, draft: RuleDraft, *, seen: datetime | None = None) -> None:
    """Writes a version anew; one that was tested, in review or approved is a draft again. `seen` as of `approve`.

    Raises:
        RuleUnknown, VersionStateWrong, VersionChanged, and everything that `drafting.checked` raises.
        ConcessionRuled: the draft names another rule or concession.
    """
    row = await _locked(tx, key, "draft", "tested", *_REVIEWED, seen=seen)
    view = await store.get_rule(tx, key.rule_id)
    if (view.names.code, view.names.concession_code) != (draft.code, draft.concession_code):
        raise ConcessionRuled(draft.concession_code, pointer="/concession_code")
    write(tx, row, draft, await checked(tx, draft))
    await tx.session.flush()
    await _audited(tx, "rule.draft", row)


async def set_cases(tx: Transaction, key: VersionKey, cases: list[dict[str, Any]]) -> None:
    """Replaces the test cases of a version, which has to be tested again; who does it is its author now.

    Raises:
        RuleUnknown, VersionStateWrong, CaseInvalid
    """
    row = await _locked(tx, key, "draft", "tested")
    read_cases(cases, await rulebook.vocabulary(tx))
    row.cases, row.state, row.author, row.changed_at = cases, "draft", tx.actor.id, tx.at
    await tx.session.flush()
    await _audited(tx, "rule.cases", row)


async def test(tx: Transaction, key: VersionKey) -> CaseReport:
    """Tries every case; the version is tested when all pass, and a draft when one does not.

    Raises:
        RuleUnknown, VersionStateWrong
    """
    row = await _locked(tx, key, "draft", "tested")
    report = await try_version(tx, row)
    row.state, row.changed_at = "tested" if report.passed else "draft", tx.at
    await tx.session.flush()
    await _audited(tx, "rule.test", row, reason=", ".join(report.failed))
    return report


async def try_version(tx: Transaction, row: RuleVersion) -> CaseReport:
    """What a version gives the persons of its cases, in whatever state it is."""
    words = await rulebook.vocabulary(tx)
    code = (await store.get_rule(tx, row.rule_id)).names.concession_code
    condition = effective(parse(row.condition, words), code, row.on_becoming, row.on_ceasing, row.grace_months)
    return try_cases(read_cases(row.cases, words), condition, _days(row), words)


async def submit(tx: Transaction, key: VersionKey) -> None:
    """Asks for a tested version to be approved.

    Raises:
        RuleUnknown, VersionStateWrong, VersionOverlaps
    """
    row = await _locked(tx, key, "tested")
    for other in await store.versions_of(tx, key.rule_id):
        if other.version != row.version and other.state in _REVIEWED and _days(other) & _days(row):
            raise VersionOverlaps(f"v{other.version}", pointer="/valid_from")
    await _move(tx, row, "in_review", "rule.submit")


async def approve(tx: Transaction, key: VersionKey, *, seen: datetime | None = None) -> None:
    """Approves a version under review; the system approves its own.

    `seen` is the `changed_at` of what the approver has read, None = it was read in this transaction.

    Raises:
        RuleUnknown, VersionStateWrong, VersionChanged, FourEyes
    """
    row = await _locked(tx, key, "in_review", seen=seen)
    if tx.actor.kind != "system" and tx.actor.id == row.author:
        raise FourEyes
    row.approver = tx.actor.id
    await _move(tx, row, "approved", "rule.approve")


async def return_to_draft(tx: Transaction, key: VersionKey, reason: str) -> None:
    """Gives a version back to its author.

    Raises:
        RuleUnknown, VersionStateWrong, ReasonMissing
    """
    why = _reason(reason)
    row = await _locked(tx, key, "tested", *_REVIEWED)
    row.approver = None
    await _move(tx, row, "draft", "rule.return", why)


async def publish(tx: Transaction, key: VersionKey, *, seen: datetime | None = None) -> Published:
    """Puts an approved version in force and regrants everybody, all or nothing; `seen` as of `approve`.

    Raises:
        RuleUnknown, VersionStateWrong, VersionChanged, CaseFails, VersionSuperseded, ExclusiveGroupConflict,
        ConcessionRetired, and everything that `drafting.checked` raises, as the words may have changed since.
    """
    await rulebook.hold_regranting(tx)
    row = await _locked(tx, key, "approved", seen=seen)
    await _still_stands(tx, row)
    return await put_in_force(tx, row)


async def retire(tx: Transaction, key: VersionKey, reason: str) -> int:
    """Ends a version today: what it granted until now stays granted. One that was never in force is put away.

    No older version comes back for it. Returns how many persons' rights changed.

    Raises:
        RuleUnknown, VersionStateWrong, ReasonMissing
    """
    why = _reason(reason)
    await rulebook.hold_regranting(tx)
    row = await _locked(tx, key, "draft", "tested", *_REVIEWED, "active")
    row.retired_on = tx.day
    await _move(tx, row, "retired", "rule.retire", why)
    rulebook.forget_rules(tx)
    if row.published_at is None:
        return 0
    rule = await tx.session.get_one(GrantRule, row.rule_id)
    return await follow_by_rule(tx, rule, Cause("rule", f"{rule.code} v{row.version} retired"))


async def _still_stands(tx: Transaction, row: RuleVersion) -> None:
    draft = await draft_of(tx, row)
    await checked(tx, draft)
    await rule_for(tx, draft)
    report = await try_version(tx, row)
    if not report.passed:
        raise CaseFails(", ".join(report.failed), pointer="/cases")


async def draft_of(tx: Transaction, row: RuleVersion) -> RuleDraft:
    """The version as it would be written anew."""
    names = (await store.get_rule(tx, row.rule_id)).names
    return RuleDraft(
        names.code,
        names.concession_code,
        row.condition,
        row.legal_clause,
        row.valid_from,
        row.valid_to,
        row.on_becoming,
        row.on_ceasing,
        row.grace_months,
        row.cases,
        row.note,
    )


async def _locked(tx: Transaction, key: VersionKey, *states: str, seen: datetime | None = None) -> RuleVersion:
    # the rule first, as everybody who numbers a version locks it
    await tx.session.execute(
        select(GrantRule.id)
        .where(GrantRule.municipality_id == tx.municipality_id, GrantRule.id == key.rule_id)
        .with_for_update(key_share=True)
    )
    row = await tx.session.scalar(
        select(RuleVersion)
        .where(
            RuleVersion.municipality_id == tx.municipality_id,
            RuleVersion.rule_id == key.rule_id,
            RuleVersion.version == key.version,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise RuleUnknown
    if row.state not in states:
        raise VersionStateWrong(row.state)
    if seen not in (None, row.changed_at):
        raise VersionChanged
    return row


async def _move(tx: Transaction, row: RuleVersion, state: str, action: str, reason: str = "") -> None:
    row.state, row.changed_at = state, tx.at
    await tx.session.flush()
    await _audited(tx, action, row, reason)


async def _audited(tx: Transaction, action: str, row: RuleVersion, reason: str = "") -> None:
    after = {"version": row.version, "sha256": row.sha256, "state": row.state, "author": row.author}
    await audit.record(tx, action, ("rule", row.rule_id), after=after, reason=reason or row.legal_clause)


def _reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise ReasonMissing(pointer="/reason")
    return reason.strip()


def _days(row: RuleVersion) -> Days:
    return Days.of(Period(row.valid_from, row.valid_to))

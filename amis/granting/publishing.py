"""Putting a version in force: from then on it stays as it is, and everybody is regranted by it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from amis.concessions.models import Concession, ConcessionTerms
from amis.granting import rulebook, store
from amis.granting.cases import read_cases, try_cases
from amis.granting.drafting import RuleDraft, add_version, checked, rule_for
from amis.granting.effective import digest, effective
from amis.granting.errors import CaseFails, ExclusiveGroupConflict, FourEyes, VersionSuperseded
from amis.granting.everywhere import tell_everywhere
from amis.granting.models import GrantRule, RuleVersion
from amis.granting.reading import write_reads
from amis.granting.regranting import Cause
from amis.granting.wholesale import regrant_everybody
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from rules.period import Days, Period


@dataclass(frozen=True, slots=True)
class Published:
    """The version now in force; `changed` is False where the newest version said the same already."""

    rule_id: UUID
    version: int
    sha256: str
    changed: bool
    persons_changed: int


async def publish_rule(tx: Transaction, draft: RuleDraft, *, approver: str | None = None) -> Published:
    """Writes a version of a rule of the acting municipality and puts it in force at once.

    A member of staff needs an `approver` (account id) other than themselves; the system publishes alone. Persons of
    other municipalities follow a rule of the state when the worker does what it leaves in the outbox.

    Raises:
        FourEyes, CaseFails, VersionSuperseded, ExclusiveGroupConflict, and everything that `drafting.checked` and
        `drafting.rule_for` raise.
    """
    approved = _approver(tx, approver)
    await rulebook.hold_regranting(tx)
    condition = await checked(tx, draft)
    rule = await rule_for(tx, draft)
    newest = next((row for row in await store.versions_of(tx, rule.id) if row.published_at is not None), None)
    sha256 = digest(condition, draft.on_becoming, draft.on_ceasing, draft.grace_months)
    if newest is not None and newest.state == "active" and _same(newest, draft, sha256):
        return Published(rule.id, newest.version, sha256, False, 0)
    words = await rulebook.vocabulary(tx)
    whole = effective(condition, draft.concession_code, draft.on_becoming, draft.on_ceasing, draft.grace_months)
    days = Days.of(Period(draft.valid_from, draft.valid_to))
    report = try_cases(read_cases(draft.cases, words), whole, days, words)
    if not report.passed:
        raise CaseFails(", ".join(report.failed), pointer="/cases")
    row = await add_version(tx, rule, draft, condition)
    row.approver = approved
    return await put_in_force(tx, row)


async def put_in_force(tx: Transaction, row: RuleVersion) -> Published:
    """Publishes a version that has its approver and has been checked. Nobody may be regranted meanwhile.

    Raises:
        VersionSuperseded, ExclusiveGroupConflict
    """
    rule = await tx.session.get_one(GrantRule, row.rule_id)
    await _check_newer(tx, row)
    await _check_priority(tx, rule)
    row.state, row.published_at, row.changed_at = "active", tx.at, tx.at
    await tx.session.flush()
    await write_reads(tx, row)
    rulebook.forget_rules(tx)
    after = {"version": row.version, "sha256": row.sha256, "author": row.author, "approver": row.approver}
    await audit.record(tx, "rule.publish", ("rule", rule.id), after=after, reason=row.legal_clause)
    changed = await follow_by_rule(tx, rule, Cause("rule", f"{rule.code} v{row.version}"))
    return Published(rule.id, row.version, row.sha256, True, changed)


async def follow_by_rule(tx: Transaction, rule: GrantRule, cause: Cause) -> int:
    """Regrants everybody by one rule, persons of other municipalities later; how many rights changed here."""
    if tx.municipality_id == STATE:
        await tell_everywhere(tx, rule.code, cause, only=[rule.id])
    return await regrant_everybody(tx, cause, only=[rule.id])


def _approver(tx: Transaction, approver: str | None) -> str:
    if tx.actor.kind == "system":
        return approver or tx.actor.id
    if approver is None or approver == tx.actor.id:
        raise FourEyes
    return approver


def _same(newest: RuleVersion, draft: RuleDraft, sha256: str) -> bool:
    known = newest.sha256, newest.legal_clause, newest.valid_from, newest.valid_to
    return known == (sha256, draft.legal_clause, draft.valid_from, draft.valid_to)


async def _check_newer(tx: Transaction, row: RuleVersion) -> None:
    own = Days.of(Period(row.valid_from, row.valid_to))
    for other in await store.versions_of(tx, row.rule_id):
        newer = other.version > row.version and other.published_at is not None
        if newer and own & Days.of(Period(other.valid_from, other.valid_to)):
            raise VersionSuperseded(f"v{other.version}", pointer="/valid_from")


async def _check_priority(tx: Transaction, rule: GrantRule) -> None:
    """Priorities that somebody set must tell concessions of one exclusive group apart; unset ones need not."""
    mine, theirs = aliased(ConcessionTerms), aliased(ConcessionTerms)
    query = (
        select(Concession.code)
        .join(theirs, theirs.concession_id == Concession.id)
        .join(GrantRule, GrantRule.concession_id == Concession.id)
        .join(mine, mine.concession_id == rule.concession_id)
        .join(
            RuleVersion,
            (RuleVersion.rule_id == GrantRule.id) & (RuleVersion.state == "active"),
        )
        .where(
            Concession.municipality_id == tx.municipality_id,
            Concession.id != rule.concession_id,
            mine.terms["exclusive_group"].astext == theirs.terms["exclusive_group"].astext,
            mine.terms["priority"].astext == theirs.terms["priority"].astext,
            func.daterange(mine.valid_from, mine.valid_to).op("&&")(func.daterange(theirs.valid_from, theirs.valid_to)),
        )
    )
    other = await tx.session.scalar(query.limit(1))
    if other is not None:
        raise ExclusiveGroupConflict(other, pointer="/concession_code")

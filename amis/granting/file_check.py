"""Looking through a document of rules without keeping anything: errors with their places, failing cases, idle parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from amis.granting import rulebook
from amis.granting.cases import read_cases, try_cases
from amis.granting.drafting import RuleDraft, checked
from amis.granting.effective import effective
from amis.kernel.db import Transaction
from amis.kernel.errors import AmisError
from rules.lint import lint
from rules.period import Days, Period


@dataclass(frozen=True, slots=True)
class Finding:
    """What is the matter with a place of a document (JSON pointer, RFC 6901); an `error` keeps it from being imported.

    A warning is about a part of a condition that does nothing.
    """

    place: str
    error: bool
    text: str


async def check_rules(tx: Transaction, drafts: Sequence[tuple[str, RuleDraft]]) -> list[Finding]:
    """Everything that is the matter with the versions of a document."""
    findings: list[Finding] = []
    for place, draft in drafts:
        findings += await _check(tx, place, draft)
    return findings


async def _check(tx: Transaction, place: str, draft: RuleDraft) -> list[Finding]:
    words = await rulebook.vocabulary(tx)
    try:
        condition = await checked(tx, draft)
    except AmisError as error:
        return [Finding(f"{place}{error.pointer or ''}", True, f"{error.title} {error.detail}".strip())]
    policies = draft.on_becoming, draft.on_ceasing, draft.grace_months
    whole = effective(condition, draft.concession_code, *policies)
    report = try_cases(read_cases(draft.cases, words), whole, Days.of(Period(draft.valid_from, draft.valid_to)), words)
    failing = [
        Finding(f"{place}/cases/{at}", True, f"{one.name}: {one.given}, expected {one.expected}")
        for at, one in enumerate(report.results)
        if not one.passed
    ]
    idle = [Finding(f"{place}/condition{one.place}", False, one.said("en")) for one in lint(condition, words)]
    return failing + idle

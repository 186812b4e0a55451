"""The condition that in fact decides: what a rule says, with its policies and with what clerks overrode.

Policies are those of NeTEx (CEN/TS 16614-3, EligibilityChangePolicy). An override is a dated fact with a reason, never
an edited entitlement.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from rules.condition import to_json
from rules.node import All, Any, Condition, Except, Grace, Has
from rules.person import FactPeriod
from rules.vocabulary import FactKind, Vocabulary

APPLICATION, CHOICE, OVERRIDE = "application", "choice", "override"
"""Fact kinds that granting states by itself: a concession was asked for, a mode chosen, a clerk decided otherwise."""
_OWN = {code: FactKind(code) for code in (APPLICATION, CHOICE, OVERRIDE)}


class OnBecoming(StrEnum):
    """What happens when somebody begins to qualify: the right begins, or waits until it is asked for."""

    AUTOMATIC = "automatic"
    INVITE = "invite"
    ON_APPLICATION = "on_application"


class OnCeasing(StrEnum):
    """What happens when somebody qualifies no longer: the right ends, runs to its known end, or a while longer."""

    IMMEDIATE = "immediate_termination"
    UNTIL_EXPIRY = "use_until_expiry"
    GRACE = "terminate_after_grace_period"


def effective(
    condition: Condition,
    concession_code: str,
    on_becoming: str = OnBecoming.AUTOMATIC,
    on_ceasing: str = OnCeasing.IMMEDIATE,
    grace_months: int | None = None,
) -> Condition:
    """The whole condition of a version: asked for where that is needed, with its grace, and overridden by clerks."""
    return overridden(with_policies(condition, concession_code, on_becoming, on_ceasing, grace_months), concession_code)


def with_policies(
    condition: Condition, concession_code: str, on_becoming: str, on_ceasing: str, grace_months: int | None
) -> Condition:
    """The condition as long as no clerk decides otherwise."""
    if on_becoming != OnBecoming.AUTOMATIC:
        condition = All((condition, Has(APPLICATION, frozenset({concession_code}))))
    return Grace(condition, grace_months) if on_ceasing == OnCeasing.GRACE and grace_months else condition


def overridden(condition: Condition, concession_code: str) -> Condition:
    """The condition with what clerks grant and refuse in spite of it."""
    granted = Any((condition, Has(OVERRIDE, frozenset({f"grant:{concession_code}"}))))
    return Except(granted, refused(concession_code))


def refused(concession_code: str) -> Condition:
    """A clerk refuses the concession."""
    return Has(OVERRIDE, frozenset({f"refuse:{concession_code}"}))


def override_values(concession_code: str) -> tuple[str, str]:
    """The values of override facts that concern the concession."""
    return f"grant:{concession_code}", f"refuse:{concession_code}"


def chosen(facts: Iterable[FactPeriod], concession_code: str) -> tuple[str, ...]:
    """The mode that the holder chose last, none or one; `facts` are named by ids that grow with time."""
    prefix = f"{concession_code}:"
    choices = [fact for fact in facts if fact.kind == CHOICE and (fact.value or "").startswith(prefix)]
    newest = max(choices, key=lambda fact: fact.ref, default=None)
    return (newest.value.removeprefix(prefix),) if newest is not None and newest.value else ()


def with_own_words(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with the kinds of fact that granting needs whether or not anybody defined them."""
    return replace(vocabulary, facts={**_OWN, **vocabulary.facts})


def digest(condition: Condition, on_becoming: str, on_ceasing: str, grace_months: int | None) -> str:
    """SHA-256 in hex of what a version grants by: the condition and both policies, as canonical JSON (RFC 8785)."""
    content: dict[str, object] = {"condition": to_json(condition), "on_becoming": on_becoming, "on_ceasing": on_ceasing}
    if grace_months is not None:
        content["grace_months"] = grace_months
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

"""Why a person has or has not a concession on a day: rules.explain in words, with the facts and notices behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any as Anything
from uuid import UUID

from amis.granting.effective import overridden
from amis.granting.explained_line import Line, line_of, named
from amis.granting.outcome import Rule, Version, is_overridden, outcome, version_at
from amis.granting.words import Named, Phrase, said
from rules.condition import Condition, Not
from rules.evaluate import PersonFacts
from rules.explain import Flip, explain
from rules.period import EMPTY, Days
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Because:
    """A fact that the answer rests on: whose statement it is, by which record and decision, and since when known."""

    fact_id: UUID
    text: Phrase
    valid_from: date
    valid_to: date | None
    source: str
    record_id: str
    version: int
    recorded_from: datetime
    decision: dict[str, Anything] | None
    provenance: dict[str, Anything] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A step that would give the right; `on` is the day on which it happens by itself, None = a new fact is needed."""

    text: Phrase
    on: date | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What last gave this day (where the right holds) or took it away: a notice, a clerk's fact, a new rule."""

    cause: str
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RuleNames:
    """How a rule and its concession are called."""

    code: str
    concession_id: UUID
    concession_code: str
    concession: Phrase
    grantor_id: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule on one day. `version`, `tree` and `nearest` are None where the rule was not in force that day.

    `nearest` is also None where nothing can give the right, and empty where it holds. `periods` are all days that
    the rule gives, `missing` the data without which it cannot be told. `kept` = it holds although its condition does
    not, as the rule lets a period run to its known end.
    """

    rule_id: UUID
    rule: RuleNames
    holds: bool | None
    periods: Days
    version: Version | None
    tree: Line | None
    because: tuple[Because, ...]
    missing: tuple[Phrase, ...]
    nearest: tuple[Wanted, ...] | None
    changed: Changed | None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What explanations of one person draw on."""

    person: PersonFacts
    vocabulary: Vocabulary
    groups: Sequence[Named]
    facts: Mapping[str, Because]
    changed: Callable[[UUID, bool], Changed | None]
    kept: Mapping[UUID, Days]
    """By rule, the days that are granted although the condition does not hold."""


def explained(rule: Rule, names: RuleNames, known: Known, day: date) -> Explained:
    """The explanation of one rule for a person on a day."""
    answer, kept = _of_condition(rule, names, known, day), known.kept.get(rule.id, EMPTY)
    if day not in kept:
        return replace(answer, periods=answer.periods | kept)
    changed = known.changed(rule.id, True)
    return replace(answer, holds=True, periods=answer.periods | kept, nearest=(), changed=changed, kept=True)


def _of_condition(rule: Rule, names: RuleNames, known: Known, day: date) -> Explained:
    periods = outcome(rule, known.person, known.vocabulary).periods
    version = version_at(rule.versions, day)
    if version is None:
        changed = known.changed(rule.id, False)
        return Explained(rule.id, names, False, periods, None, None, (), (), None, changed)
    answer = explain(_decisive(rule, version, known), known.person, known.vocabulary, day)
    return Explained(
        rule.id,
        names,
        answer.holds,
        periods,
        version,
        line_of(answer.tree, known.groups),
        tuple(known.facts[ref] for ref in answer.tree.because),
        tuple(named(code, known.groups) for code in answer.tree.missing),
        None if answer.nearest is None else tuple(_wanted(flip, known.groups) for flip in answer.nearest),
        known.changed(rule.id, answer.holds is True),
    )


def _decisive(rule: Rule, version: Version, known: Known) -> Condition:
    """The condition of the version, with what a clerk decided in spite of it where one ever did."""
    if is_overridden(known.person, rule.concession_code):
        return overridden(version.condition, rule.concession_code)
    return version.condition


def _wanted(flip: Flip, groups: Sequence[Named]) -> Wanted:
    leaf: Condition = flip.leaf if flip.wanted else Not(flip.leaf)
    return Wanted(said(leaf, groups), flip.on)

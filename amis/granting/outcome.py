"""What a rule with its versions gives a person: pure, so that any history can be tried."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rules.condition import Condition
from rules.evaluate import PersonFacts, evaluate
from rules.period import EMPTY, Days, Period
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Version:
    """A published condition and the days for which it was published."""

    number: int
    period: Period
    condition: Condition
    sha256: str
    legal_clause: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one grantor with all its versions, in any order."""

    id: UUID
    code: str
    concession_id: UUID
    grantor_id: int
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The days a rule gives and the newest version that gives any of them; None where there are no days."""

    periods: Days
    version: Version | None


@dataclass(frozen=True, slots=True)
class EntitlementDiff:
    """What changed in one entitlement of a person."""

    rule_id: UUID
    rule_code: str
    concession_id: UUID
    before: Days
    after: Days

    @property
    def gained(self) -> Days:
        """Days that are new."""
        return self.after - self.before

    @property
    def lost(self) -> Days:
        """Days that are gone."""
        return self.before - self.after


def in_force(versions: Sequence[Version]) -> Iterator[tuple[Version, Days]]:
    """Each version with the days it governs, newest first: a newer version replaces older ones on its own days."""
    taken = EMPTY
    for version in sorted(versions, key=lambda one: one.number, reverse=True):
        days = Days.of(version.period)
        yield version, days - taken
        taken |= days


def version_at(versions: Sequence[Version], day: date) -> Version | None:
    """The version that governs the day; None where the rule was not in force."""
    return next((version for version, days in in_force(versions) if day in days), None)


def outcome(rule: Rule, person: PersonFacts, vocabulary: Vocabulary) -> Outcome:
    """The days on which the rule certainly holds for the person, each day by the version in force on it."""
    periods, newest = EMPTY, None
    for version, days in in_force(rule.versions):
        given = evaluate(version.condition, person, vocabulary).true & days
        if given and newest is None:
            newest = version
        periods |= given
    return Outcome(periods, newest)

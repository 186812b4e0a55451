"""What a rule with its versions gives a person: pure, so that any history can be tried."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amis.granting.effective import OVERRIDE, OnCeasing, chosen, overridden, override_values, refused
from amis.granting.suspending import Order, suspended
from rules.condition import Condition
from rules.evaluate import PersonFacts, evaluate
from rules.period import EMPTY, Days, Period
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Version:
    """A published condition, its policies included, and the days for which it was published.

    `written` is the condition as its author wrote it. From `retired_on` on it grants nothing.
    """

    number: int
    period: Period
    condition: Condition
    sha256: str
    legal_clause: str
    written: Condition | None = None
    on_ceasing: str = OnCeasing.IMMEDIATE
    retired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """The fact kind that lifts the calendar of a concession on these days, as its terms say."""

    kind: str
    days: Days


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one grantor with all its versions, in any order; `depth` relations away it looks at relatives."""

    id: UUID
    code: str
    concession_id: UUID
    concession_code: str
    grantor_id: int
    versions: tuple[Version, ...]
    waivers: tuple[Waiver, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The days a rule gives and the newest version that gives any of them; None where there are no days.

    The other sets are part of `periods`: days kept although the condition holds no longer, days on which an order rests
    the right, and days on which the calendar is lifted. `modes` are the chosen ones, empty = none was chosen.
    """

    periods: Days
    version: Version | None
    kept: Days = EMPTY
    suspended: Days = EMPTY
    waived: Days = EMPTY
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntitlementDiff:
    """What changed in one entitlement of a person; `version` is the newest that gives any days now, None without."""

    rule_id: UUID
    rule_code: str
    concession_id: UUID
    version: int | None
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

    @property
    def change(self) -> str:
        """The change in a word, as the log has it."""
        if (self.gained and self.lost) or self.before == self.after:
            return "changed"
        if not self.before:
            return "begins"
        if not self.after:
            return "ended"
        return "prolonged" if self.gained else "shortened"


def in_force(versions: Sequence[Version]) -> Iterator[tuple[Version, Days]]:
    """Each version with the days it governs, newest first: a newer version replaces older ones on its own days.

    A retired one keeps its days to itself and grants none of them from its last day on.
    """
    taken = EMPTY
    for version in sorted(versions, key=lambda one: one.number, reverse=True):
        days = Days.of(version.period)
        retired = EMPTY if version.retired_on is None else Days((version.retired_on,))
        yield version, days - taken - retired
        taken |= days


def version_at(versions: Sequence[Version], day: date) -> Version | None:
    """The version that governs the day; None where the rule was not in force."""
    return next((version for version, days in in_force(versions) if day in days), None)


def outcome(rule: Rule, person: PersonFacts, vocabulary: Vocabulary) -> Outcome:
    """The days on which the rule certainly holds for the person, each day by the version in force on it."""
    periods, newest = EMPTY, None
    touched = is_overridden(person, rule.concession_code)
    for version, days in in_force(rule.versions):
        condition = overridden(version.condition, rule.concession_code) if touched else version.condition
        given = evaluate(condition, person, vocabulary).true & days if days else EMPTY
        if given and newest is None:
            newest = version
        periods |= given
    return Outcome(periods, newest)


def is_overridden(person: PersonFacts, concession_code: str) -> bool:
    """Has a clerk ever decided otherwise for the person."""
    values = override_values(concession_code)
    return any(fact.kind == OVERRIDE and fact.value in values for fact in person.facts)


def entitled(
    rule: Rule,
    person: PersonFacts,
    vocabulary: Vocabulary,
    orders: Sequence[Order],
    before: tuple[Days, Days],
    today: date,
) -> Outcome:
    """What the row of the entitlement says, given the `periods` and `kept` days that it had `before`."""
    given = outcome(rule, person, vocabulary)
    kept = _kept(rule, person, vocabulary, before, given.periods, today)
    version, periods = given.version, given.periods | kept
    if version is None and kept:
        version = version_at(rule.versions, today)
    if not periods:
        return Outcome(EMPTY, None)
    stopped = suspended(orders, rule.concession_code, person, vocabulary, grantor_id=rule.grantor_id) & periods
    waived = _waived(rule.waivers, person) & periods
    return Outcome(periods, version, kept, stopped, waived, chosen(person.facts, rule.concession_code))


def _kept(
    rule: Rule, person: PersonFacts, vocabulary: Vocabulary, before: tuple[Days, Days], given: Days, today: date
) -> Days:
    """Days of a period that held today and has a known end, where the version of today lets it run to that end."""
    version = version_at(rule.versions, today)
    if version is None or version.on_ceasing != OnCeasing.UNTIL_EXPIRY:
        return EMPTY
    periods, kept = before
    held = periods.period_at(today)
    if held is not None and held.end is not None:
        kept |= Days.of(held)
    return (kept - given) & person.life - evaluate(refused(rule.concession_code), person, vocabulary).true


def _waived(waivers: Sequence[Waiver], person: PersonFacts) -> Days:
    days = EMPTY
    for waiver in waivers:
        days |= Days.of(*(fact.period for fact in person.facts if fact.kind == waiver.kind)) & waiver.days
    return days

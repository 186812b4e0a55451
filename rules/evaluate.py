"""A condition and a person give the days on which it certainly holds and the days on which it certainly does not.

Days in neither set are undetermined: a datum that may be known elsewhere is missing. All operations are those of
Kleene's strong three-valued logic, day by day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import cast

from rules.condition import (
    Age,
    All,
    Any,
    Condition,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
)
from rules.period import ALWAYS, EMPTY, Days, Period, intersection, union
from rules.shift import extend_to, grace, held
from rules.vocabulary import Vocabulary, WhenMissing


@dataclass(frozen=True, slots=True)
class FactPeriod:
    """A fact of a kind, its value (None where the kind has none), when it is valid, and a reference to its source."""

    kind: str
    value: str | None
    period: Period
    ref: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of one person. `died` is the first day without any right; None = not known or living."""

    born: date | None
    died: date | None = None
    facts: tuple[FactPeriod, ...] = ()
    groups: Mapping[str, Days] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Truth:
    """Days on which a condition certainly holds, and days on which it certainly does not; the two are disjoint."""

    true: Days
    false: Days

    @property
    def undetermined(self) -> Days:
        """Days on which missing data leaves the question open."""
        return ~(self.true | self.false)

    def at(self, day: date) -> bool | None:
        """Does it hold on the day; None = undetermined."""
        return True if day in self.true else (False if day in self.false else None)


def evaluate(condition: Condition, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    """The days of the whole condition: like `day_sets`, and certainly false before birth and from the day of death."""
    life = _life(person)
    truth = day_sets(condition, person, vocabulary)
    return Truth(truth.true & life, truth.false | ~life)


def day_sets(node: Condition, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    """The days of one node, not yet limited to the person's life."""
    return _SETS[type(node)](node, person, vocabulary)


def _life(person: PersonFacts) -> Days:
    since_birth = ALWAYS if person.born is None else Days((person.born,))
    since_death = EMPTY if person.died is None else Days((person.died,))
    return since_birth - since_death


def _all(node: All, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    parts = [day_sets(part, person, vocabulary) for part in node.of]
    return Truth(intersection(part.true for part in parts), union(part.false for part in parts))


def _any(node: Any, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    parts = [day_sets(part, person, vocabulary) for part in node.of]
    return Truth(union(part.true for part in parts), intersection(part.false for part in parts))


def _not(node: Not, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    part = day_sets(node.of, person, vocabulary)
    return Truth(part.false, part.true)


def _has(node: Has, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    facts = [fact for fact in person.facts if fact.kind == node.fact]
    true = Days.of(*(fact.period for fact in facts if node.values is None or fact.value in node.values))
    if vocabulary.facts[node.fact].when_missing is WhenMissing.FALSE:
        return Truth(true, ~true)
    return Truth(true, Days.of(*(fact.period for fact in facts)) - true)


def _age(node: Age, person: PersonFacts, _: Vocabulary) -> Truth:
    if person.born is None:
        return Truth(EMPTY, EMPTY)
    reached = birthday(person.born, node.years, node.feb29)
    old = EMPTY if reached is None else Days((reached,))
    young = Days((person.born,)) - old
    true = old if node.op == "ge" else young
    return Truth(true, ~true)


def birthday(born: date, years: int, feb29: str = "03-01") -> date | None:
    """The day on which `years` are completed; None past the year 9999.

    >>> birthday(date(2008, 2, 29), 18, "02-28")
    datetime.date(2026, 2, 28)
    """
    year = born.year + years
    if year > date.max.year:
        return None
    try:
        return born.replace(year=year)
    except ValueError:  # 29 February in a common year
        return date.fromisoformat(f"{year:04d}-{feb29}")


def _member(node: Member, person: PersonFacts, _: Vocabulary) -> Truth:
    true = person.groups.get(node.group, EMPTY)
    return Truth(true, ~true)


def _during(node: During, _: PersonFacts, vocabulary: Vocabulary) -> Truth:
    true = vocabulary.calendars[node.when] if isinstance(node.when, str) else Days.of(node.when)
    return Truth(true, ~true)


def _moved(part: Truth, move: Callable[[Days], Days]) -> Truth:
    """A monotone move of a three-valued set: certainly true from the certain days, possibly true from the possible."""
    return Truth(move(part.true), ~move(~part.false))


def _held(node: Held, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return _moved(day_sets(node.of, person, vocabulary), lambda days: held(days, node.months))


def _grace(node: Grace, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return _moved(day_sets(node.of, person, vocabulary), lambda days: grace(days, node.months))


def _extend_to(node: ExtendTo, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return _moved(day_sets(node.of, person, vocabulary), lambda days: extend_to(days, node.boundary))


def _except(node: Except, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    part, unless = (day_sets(each, person, vocabulary) for each in (node.of, node.unless))
    return Truth(part.true & unless.false, part.false | unless.true)


Sets = Callable[[Condition, PersonFacts, Vocabulary], Truth]
# each function takes its own node type, which a table by type cannot say to the type checker
_SETS = cast(
    dict[type, Sets],
    {
        All: _all,
        Any: _any,
        Not: _not,
        Has: _has,
        Age: _age,
        Member: _member,
        During: _during,
        Held: _held,
        Grace: _grace,
        ExtendTo: _extend_to,
        Except: _except,
    },
)

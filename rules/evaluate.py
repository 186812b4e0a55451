"""A condition and a person give the days on which it certainly holds and the days on which it certainly does not.

Days in neither set are undetermined: a datum that may be known elsewhere is missing. All operations are those of
Kleene's strong three-valued logic, day by day.
"""

from collections.abc import Callable
from typing import cast

from rules.figure import age_days, birthday, number_days
from rules.node import (
    ANYBODY,
    Age,
    All,
    Any,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Related,
)
from rules.period import EMPTY, Days, at_least
from rules.person import FactPeriod, PersonFacts, RelatedPerson, relatives
from rules.shift import extend_to, grace, held
from rules.truth import Truth, either, every, known
from rules.vocabulary import Vocabulary, WhenMissing


def evaluate(condition: Condition, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    """The days of the whole condition: like `day_sets`, and certainly false before birth and from the day of death."""
    return day_sets(condition, person, vocabulary).within(person.life)


def day_sets(node: Condition, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    """The days of one node, not yet limited to the person's life."""
    return _SETS[type(node)](node, person, vocabulary)


def _all(node: All, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return every([day_sets(part, person, vocabulary) for part in node.of])


def _any(node: Any, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return either([day_sets(part, person, vocabulary) for part in node.of])


def _not(node: Not, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return ~day_sets(node.of, person, vocabulary)


def _has(node: Has, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    facts = [fact for fact in person.facts if fact.kind == node.fact]
    true = Days.of(*(fact.period for fact in facts if node.values is None or fact.value in node.values))
    if vocabulary.facts[node.fact].when_missing is WhenMissing.FALSE:
        return known(true)
    return Truth(true, Days.of(*(fact.period for fact in facts)) - true)


def _member(node: Member, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    definition = vocabulary.definitions.get(node.group)
    if definition is not None:
        return day_sets(definition, person, vocabulary)
    return known(person.groups.get(node.group, EMPTY))


def _related(node: Related, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return either(_of_relatives(node, person, vocabulary))


def _count(node: Count, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    some = _of_relatives(node, person, vocabulary)
    reached, passed = _at_least(some, node.value), _at_least(some, node.value + 1)
    counted = {"lt": ~reached, "le": ~passed, "eq": every((reached, ~passed)), "ge": reached, "gt": passed}
    return counted[node.op]


def _of_relatives(node: Related | Count, person: PersonFacts, vocabulary: Vocabulary) -> list[Truth]:
    """For each relative, the days on which the relation stands and the relative, alive, meets the condition."""
    return [
        evaluate(node.where or ANYBODY, one.person, vocabulary).within(one.days)
        for one in relatives(node.relation, person.relations)
    ]


def _at_least(some: list[Truth], number: int) -> Truth:
    """Certain when enough certainly do, refuted when too few possibly do."""
    return Truth(at_least((one.true for one in some), number), ~at_least((~one.false for one in some), number))


def _during(node: During, _: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return known(vocabulary.calendars[node.when] if isinstance(node.when, str) else Days.of(node.when))


def _held(node: Held, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return day_sets(node.of, person, vocabulary).moved(lambda days: held(days, node.months))


def _grace(node: Grace, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return day_sets(node.of, person, vocabulary).moved(lambda days: grace(days, node.months))


def _extend_to(node: ExtendTo, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    return day_sets(node.of, person, vocabulary).moved(lambda days: extend_to(days, node.boundary))


def _except(node: Except, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    part, unless = (day_sets(each, person, vocabulary) for each in (node.of, node.unless))
    return every((part, ~unless))


Sets = Callable[[Condition, PersonFacts, Vocabulary], Truth]
# each function takes its own node type, which a table by type cannot say to the type checker
_SETS = cast(
    dict[type, Sets],
    {
        All: _all,
        Any: _any,
        Not: _not,
        Has: _has,
        Num: number_days,
        Age: age_days,
        Member: _member,
        Related: _related,
        Count: _count,
        During: _during,
        Held: _held,
        Grace: _grace,
        ExtendTo: _extend_to,
        Except: _except,
    },
)

__all__ = ["FactPeriod", "PersonFacts", "RelatedPerson", "Truth", "birthday", "day_sets", "evaluate"]

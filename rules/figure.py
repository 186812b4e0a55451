"""Comparing what is known of a person with figures of the law: numbers of facts, and ages."""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from rules.node import Age, Cohort, Num, Param
from rules.period import ALWAYS, EMPTY, Days, union
from rules.person import PersonFacts
from rules.shift import add_months
from rules.truth import NEVER_KNOWN, Truth
from rules.vocabulary import Vocabulary, WhenMissing

COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = MappingProxyType(
    {"lt": operator.lt, "le": operator.le, "eq": operator.eq, "ge": operator.ge, "gt": operator.gt}
)


def number_days(node: Num, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    """The days on which a number compares so, split by the periods of a dated figure.

    Open are the days on which the number is stated but the figure is not known, and, where silence is no answer,
    those without a number.
    """
    stated = [(Days.of(fact.period), fact.num) for fact in person.facts if fact.kind == node.fact]
    numbers = [(days, number) for days, number in stated if number is not None]
    steps = tuple(_limits(node, vocabulary))
    fits = COMPARE[node.op]
    true = union(days & on for days, number in numbers for on, limit in steps if fits(number, limit))
    said = union(days for days, _ in numbers)
    unclear = said - union(on for on, _ in steps)
    if vocabulary.facts[node.fact].when_missing is WhenMissing.UNKNOWN:
        unclear |= ~said
    # a fact that fits on its own days decides, whatever another one leaves open
    return Truth(true, ~true - unclear)


def _limits(node: Num, vocabulary: Vocabulary) -> Iterator[tuple[Days, Decimal]]:
    if isinstance(node.value, Param):
        for period, figure in vocabulary.parameters[node.value.code]:
            yield Days.of(period), figure
    else:
        yield ALWAYS, node.value


def age_days(node: Age, person: PersonFacts, vocabulary: Vocabulary) -> Truth:
    """The days from a birthday on, or from birth up to it; open while birth or the figure of the law is not known."""
    if person.born is None:
        return NEVER_KNOWN
    true, defined = EMPTY, EMPTY
    for days, months in _ages(node, person.born, vocabulary):
        reached = completed(person.born, months, node.feb29)
        old = EMPTY if reached is None else Days((reached,))
        true |= days & (old if node.op == "ge" else Days((person.born,)) - old)
        defined |= days
    return Truth(true, defined - true)


def _ages(node: Age, born: date, vocabulary: Vocabulary) -> Iterator[tuple[Days, int]]:
    """The age asked for, in months, and the days on which it is asked for."""
    match node.years:
        case Param(code):
            for period, years in vocabulary.parameters[code]:
                yield Days.of(period), int(years * 12)
        case Cohort(code):
            years_then = vocabulary.cohorts[code].at(born)
            if years_then is not None:
                yield ALWAYS, int(years_then * 12)
        case years:
            yield ALWAYS, years * 12


def birthday(born: date, years: int, feb29: str = "03-01") -> date | None:
    """The day on which `years` are completed; None past the year 9999.

    >>> birthday(date(2008, 2, 29), 18, "02-28")
    datetime.date(2026, 2, 28)
    """
    return completed(born, years * 12, feb29)


def completed(born: date, months: int, feb29: str = "03-01") -> date | None:
    """The day on which so many months of life are completed; None past the year 9999.

    >>> completed(date(1952, 12, 31), 62 * 12 + 9)
    datetime.date(2015, 10, 1)
    """
    day = add_months(born, months)
    if day is not None and day.day < born.day and feb29 == "03-01":
        return day + timedelta(days=1)
    return day

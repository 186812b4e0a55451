"""Test cases of a rule version: persons made up, and the days that the version must give them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from amis.granting.errors import CaseInvalid
from rules.condition import Condition
from rules.errors import RulesError
from rules.evaluate import evaluate
from rules.period import EMPTY, Days, Period
from rules.person import FactPeriod, PersonFacts, RelatedPerson
from rules.vocabulary import Vocabulary

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A person made up and the days expected; read from and kept as JSON.

    `{"name", "person": {"born"?, "died"?, "facts"?: [{"kind", "value"?, "from", "to"?, "num"?}],
    "groups"?: {code: [[from, to]]}, "relations"?: [{"kind", "from"?, "to"?, "person"}]}, "expected": days}`, where days
    are the text of a datemultirange (PostgreSQL manual, section 8.17).
    """

    name: str
    person: PersonFacts
    expected: Days


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a version gives the person of a case, and what it should."""

    name: str
    expected: Days
    given: Days

    @property
    def passed(self) -> bool:
        """Are they the same days."""
        return self.expected == self.given


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The results of all cases of a version, in their order."""

    results: tuple[CaseResult, ...]

    @property
    def passed(self) -> bool:
        """Do all cases pass; without any they do."""
        return all(result.passed for result in self.results)

    @property
    def failed(self) -> list[str]:
        """The names of those that do not."""
        return [result.name for result in self.results if not result.passed]


def try_cases(cases: Sequence[Case], condition: Condition, days: Days, vocabulary: Vocabulary) -> CaseReport:
    """What the whole condition of a version gives on its `days`."""
    return CaseReport(
        tuple(
            CaseResult(case.name, case.expected, evaluate(condition, case.person, vocabulary).true & days)
            for case in cases
        )
    )


def read_cases(values: object, vocabulary: Vocabulary) -> list[Case]:
    """Reads cases; the place of an error is `/cases/<number>`.

    Raises:
        CaseInvalid
    """
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise CaseInvalid(pointer="/cases")
    return [_read(value, f"/cases/{number}", vocabulary) for number, value in enumerate(values)]


def _read(value: object, place: str, vocabulary: Vocabulary) -> Case:
    try:
        if not isinstance(value, Mapping) or not 0 < len(value["name"].strip()) <= _LONGEST_NAME:
            raise CaseInvalid(pointer=place)
        person = _person(value["person"], f"{place}/person", vocabulary)
        return Case(value["name"], person, Days.parse(value["expected"]))
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation, RulesError) as error:
        raise CaseInvalid(str(error), pointer=place) from error


def _person(value: Mapping[str, Any], place: str, vocabulary: Vocabulary) -> PersonFacts:
    facts = (_fact(row, f"{place}/facts/{at}", vocabulary) for at, row in enumerate(value.get("facts", ())))
    relations = (
        _relative(row, f"{place}/relations/{at}", vocabulary) for at, row in enumerate(value.get("relations", ()))
    )
    groups = {code: _days(periods) for code, periods in value.get("groups", {}).items()}
    return PersonFacts(_day(value.get("born")), _day(value.get("died")), tuple(facts), groups, tuple(relations))


def _fact(row: Mapping[str, Any], place: str, vocabulary: Vocabulary) -> FactPeriod:
    kind = vocabulary.facts.get(row["kind"])
    if kind is None:
        raise CaseInvalid(row["kind"], pointer=f"{place}/kind")
    if kind.values is not None and row.get("value") not in kind.values:
        raise CaseInvalid(str(row.get("value")), pointer=f"{place}/value")
    number = None if row.get("num") is None else Decimal(row["num"])
    return FactPeriod(kind.code, row.get("value"), _period(row), place, number)


def _relative(row: Mapping[str, Any], place: str, vocabulary: Vocabulary) -> RelatedPerson:
    if row["kind"] not in vocabulary.relations:
        raise CaseInvalid(row["kind"], pointer=f"{place}/kind")
    return RelatedPerson(row["kind"], _period(row), _person(row["person"], f"{place}/person", vocabulary), place)


def _days(periods: Sequence[tuple[str | None, str | None]]) -> Days:
    days = EMPTY
    for first, end in periods:
        days |= Days.of(Period(_day(first), _day(end)))
    return days


def _period(row: Mapping[str, Any]) -> Period:
    return Period(_day(row.get("from")), _day(row.get("to")))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

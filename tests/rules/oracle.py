"""A third opinion on conditions: the Common Expression Language, evaluated by its C++ implementation.

Rules of one instant are translated into CEL (https://github.com/cel-expr/cel-spec), what is known on a day becomes its
data. A datum that is not known is a key that is not there: an error, which `||` and `&&` of CEL carry exactly as
Kleene's logic carries the undetermined ("Logical Operators" of its language definition).
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from cel_expr_python import cel

from rules.condition import (
    Age,
    All,
    Any,
    Cohort,
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
    Param,
    Related,
    walk,
)
from rules.period import Days, Period
from rules.person import PersonFacts
from rules.vocabulary import Vocabulary, WhenMissing

_ENV = cel.NewEnv(variables={"p": cel.Type.DYN})
_OPS = {"lt": "<", "le": "<=", "eq": "==", "ge": ">=", "gt": ">"}
_UNITS = 10_000
"""Amounts are whole numbers of these parts in CEL, which knows no decimals."""
Data = dict[str, object]


def of_one_instant(condition: Condition, vocabulary: Vocabulary) -> bool:
    """Does the condition look at one day only, in all its parts and groups."""
    parts = list(walk(condition))
    groups = [vocabulary.definitions.get(part.group) for part in parts if isinstance(part, Member)]
    return not any(isinstance(part, Held | Grace | ExtendTo) for part in parts) and all(
        group is None or of_one_instant(group, vocabulary) for group in groups
    )


class Oracle:
    """One condition in CEL."""

    def __init__(self, condition: Condition, vocabulary: Vocabulary) -> None:
        self.vocabulary, self._names = vocabulary, (f"x{number}" for number in count())
        self.text = f"p.alive && ({self._cel(condition, 'p')})"
        self._program = _ENV.compile(self.text)

    def at(self, person: PersonFacts, day: date) -> bool | None:
        """Does it hold; None = undetermined."""
        answer = self._program.eval(data={"p": known(person, day, self.vocabulary)})
        return None if answer.type() == cel.Type.ERROR else bool(answer.value())

    def _cel(self, node: Condition, who: str) -> str:
        match node:
            case All(parts):
                return " && ".join(f"({self._cel(part, who)})" for part in parts)
            case Any(parts):
                return " || ".join(f"({self._cel(part, who)})" for part in parts)
            case Not(part):
                return f"!({self._cel(part, who)})"
            case Except(part, unless):
                return f"({self._cel(part, who)}) && !({self._cel(unless, who)})"
            case Has() | Num():
                return self._fact(node, who)
            case Age():
                return self._age(node, who)
            case Member(group) if group in self.vocabulary.definitions:
                return self._cel(self.vocabulary.definitions[group], who)
            case Member(group):
                return f"'{group}' in {who}.groups"
            case Related(relation, where):
                return self._so_many(1, relation, where, who)
            case Count():
                return self._count(node, who)
            case During(when):
                days = self.vocabulary.calendars[when] if isinstance(when, str) else Days.of(when)
                return " || ".join(_between(period) for period in days) or "false"
        raise AssertionError(node)

    def _fact(self, node: Has | Num, who: str) -> str:
        one = next(self._names)
        if isinstance(node, Has):
            found, test = f"{who}.values.{node.fact}", self._among(node, one)
        else:
            found = f"{who}.numbers.{node.fact}"
            limit = f"p.figures.{node.value.code}" if isinstance(node.value, Param) else str(units(node.value))
            test = f"{one} {_OPS[node.op]} {limit}"
        unknown = self.vocabulary.facts[node.fact].when_missing is WhenMissing.UNKNOWN
        return f"size({found}) == 0 ? {'p.nobody_knows' if unknown else 'false'} : {found}.exists({one}, {test})"

    @staticmethod
    def _among(node: Has, one: str) -> str:
        return (
            "true" if node.values is None else f"{one} in [{', '.join(repr(value) for value in sorted(node.values))}]"
        )

    @staticmethod
    def _age(node: Age, who: str) -> str:
        """Completed months of life, from years, months and days."""
        stands_in = "true" if node.feb29 == "02-28" else "false"
        whole = f"p.day.of_month >= {who}.born.of_month || (p.day.is_last && {stands_in})"
        months = f"(p.day.year - {who}.born.year) * 12 + p.day.month - {who}.born.month - ({whole} ? 0 : 1)"
        match node.years:
            case Param(code):
                asked = f"p.figures.{code} * 12"
            case Cohort(code):
                asked = f"{who}.cohorts.{code} * 12"
            case years:
                asked = f"{years * _UNITS} * 12"
        reached = f"({months}) * {_UNITS} >= {asked}"
        # before birth nobody is of any age, which the data say by the year in which a life begins
        return reached if node.op == "ge" else f"!({reached}) && {who}.is_born"

    def _count(self, node: Count, who: str) -> str:
        reached = self._so_many(node.value, node.relation, node.where, who)
        passed = self._so_many(node.value + 1, node.relation, node.where, who)
        return {
            "lt": f"!({reached})",
            "le": f"!({passed})",
            "eq": f"({reached}) && !({passed})",
            "ge": reached,
            "gt": passed,
        }[node.op]

    def _so_many(self, number: int, relation: str, where: Condition | None, who: str, after: str = "-1") -> str:
        """Some `number` of the relatives, each after the other in the list, all meet the condition."""
        if number == 0:
            return "true"
        one = next(self._names)
        meets = "true" if where is None else f"({self._cel(where, one)})"
        further = self._so_many(number - 1, relation, where, who, f"{one}.at")
        own = f"{one}.at > {after} && {one}.alive && {meets} && ({further})"
        return f"{who}.relatives.{relation}.exists({one}, {own})"


def _between(period: Period) -> str:
    bounds = [f"p.day.number >= {period.start.toordinal()}"] if period.start else []
    bounds += [f"p.day.number < {period.end.toordinal()}"] if period.end else []
    return " && ".join(bounds) or "true"


def units(amount: Decimal) -> int:
    """An amount as a whole number."""
    return int(amount * _UNITS)


def known(person: PersonFacts, day: date, vocabulary: Vocabulary) -> Data:
    """What is known on the day, of the person and of the law."""
    figures = {code: figure.at(day) for code, figure in vocabulary.parameters.items()}
    return _person(person, day, vocabulary) | {"day": _day(day), "figures": _found(figures)}


def _person(person: PersonFacts, day: date, vocabulary: Vocabulary) -> Data:
    valid = [fact for fact in person.facts if _holds(fact.period, day)]
    data: Data = {
        "alive": (person.born is None or person.born <= day) and (person.died is None or day < person.died),
        "values": {code: [fact.value or "" for fact in valid if fact.kind == code] for code in vocabulary.facts},
        "numbers": {
            code: [units(fact.num) for fact in valid if fact.kind == code and fact.num is not None]
            for code in vocabulary.facts
        },
        "groups": [group for group, days in person.groups.items() if any(_holds(period, day) for period in days)],
        "relatives": {code: list(_relatives(code, person, day, vocabulary)) for code in vocabulary.relations},
    }
    if person.born is not None:
        cohorts = {code: table.at(person.born) for code, table in vocabulary.cohorts.items()}
        data |= {"born": _day(person.born), "is_born": person.born <= day, "cohorts": _found(cohorts)}
    return data


def _relatives(relation: str, person: PersonFacts, day: date, vocabulary: Vocabulary) -> Iterator[Data]:
    near = {one.who: one.person for one in person.relations if one.relation == relation and _holds(one.period, day)}
    for at, relative in enumerate(near.values()):
        yield _person(relative, day, vocabulary) | {"at": at}


def _holds(period: Period, day: date) -> bool:
    return (period.start is None or period.start <= day) and (period.end is None or day < period.end)


def _found(figures: Mapping[str, Decimal | None]) -> Data:
    return {code: units(figure) for code, figure in figures.items() if figure is not None}


def _day(day: date) -> Data:
    return {
        "number": day.toordinal(),
        "year": day.year,
        "month": day.month,
        "of_month": day.day,
        "is_last": (day + timedelta(days=1)).month != day.month,
    }

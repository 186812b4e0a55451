"""Strict reading of a condition: every refusal names its place."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from rules.dated import Dated
from rules.errors import OutOfRange, RulesError, TooLarge, UnknownKey, WrongType
from rules.node import (
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
    children,
)
from rules.period import Period
from rules.shape import day, each, inside, items, money, record, text, whole, word
from rules.shift import Boundary
from rules.vocabulary import FactKind, Vocabulary

MAX_NODES = 500
MAX_RELATIONS = 6  # relatives of relatives: each step may double the text of a query
OPS = ("lt", "le", "eq", "ge", "gt")
_MAX_POINTER = 64  # segments: deep enough for any rule a person can read, shallow enough never to exhaust the stack
_MAX_YEARS = 150
Reader = Callable[[object, str, Vocabulary], Condition]


def parse(value: object, vocabulary: Vocabulary, place: str = "") -> Condition:
    """Read a condition from decoded JSON. Raises a subclass of Refused whose `place` is a JSON pointer.

    `place` is where the condition lies in a larger document.
    """
    condition = _node(value, place, vocabulary)
    bounded(condition, vocabulary.definitions, place)
    return condition


def bounded(condition: Condition, definitions: Mapping[str, Condition], place: str) -> None:
    """Raises TooLarge when the condition is, together with the groups it names."""
    if size(condition, definitions) > MAX_NODES:
        raise TooLarge(place, f"more than {MAX_NODES} nodes")
    if _steps(condition, definitions) > MAX_RELATIONS:
        raise TooLarge(place, f"more than {MAX_RELATIONS} relations in a row")


def size(node: Condition, definitions: Mapping[str, Condition]) -> int:
    """How many nodes are evaluated for the condition, those of the groups it names included."""
    return 1 + sum(size(part, definitions) for part in _below(node, definitions))


def _steps(node: Condition, definitions: Mapping[str, Condition]) -> int:
    further = max((_steps(part, definitions) for part in _below(node, definitions)), default=0)
    return further + isinstance(node, Related | Count)


def _below(node: Condition, definitions: Mapping[str, Condition]) -> tuple[Condition, ...]:
    definition = definitions.get(node.group) if isinstance(node, Member) else None
    return children(node) if definition is None else (definition,)


def _node(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    if place.count("/") > _MAX_POINTER:
        raise TooLarge(place, "nested too deeply")
    node = record(value, place, (), READERS)
    if len(node) != 1:
        raise OutOfRange(place, f"a condition has exactly one key, this has {len(node)}")
    ((key, inner),) = node.items()
    return READERS[key](inner, inside(place, key), vocabulary)


def _parts(value: object, place: str, vocabulary: Vocabulary) -> tuple[Condition, ...]:
    return each(value, place, lambda item, at: _node(item, at, vocabulary), at_least=1)


def _kind(value: object, place: str, vocabulary: Vocabulary) -> FactKind:
    return vocabulary.facts[word(value, place, vocabulary.facts)]


def _has(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("fact",), ("in",))
    kind = _kind(node["fact"], inside(place, "fact"), vocabulary)
    if "in" not in node:
        return Has(kind.code)
    at = inside(place, "in")
    if kind.values is None:
        raise UnknownKey(at, f"the fact {kind.code} has no values")
    known = kind.values
    values = each(node["in"], at, lambda item, spot: word(item, spot, known), at_least=1)
    return Has(kind.code, frozenset(values))


def _num(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("fact", "op", "value"))
    kind = _kind(node["fact"], inside(place, "fact"), vocabulary)
    if not kind.numeric:
        raise WrongType(inside(place, "fact"), f"the fact {kind.code} has no number")
    op = word(node["op"], inside(place, "op"), OPS)
    return Num(kind.code, op, _figure(node["value"], inside(place, "value"), vocabulary))


def _figure(value: object, place: str, vocabulary: Vocabulary) -> Decimal | Param:
    if isinstance(value, dict):
        return Param(_named(value, place, "param", vocabulary.parameters))
    return money(value, place)


def _named(value: object, place: str, key: str, known: Mapping[str, Dated]) -> str:
    return word(record(value, place, (key,))[key], inside(place, key), known)


def _age(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("op", "years"), ("feb29",))
    return Age(
        word(node["op"], inside(place, "op"), ("ge", "lt")),
        _years(node["years"], inside(place, "years"), vocabulary),
        word(node.get("feb29", "03-01"), inside(place, "feb29"), ("02-28", "03-01")),
    )


def _years(value: object, place: str, vocabulary: Vocabulary) -> int | Param | Cohort:
    if not isinstance(value, dict):
        return whole(value, place, 0, _MAX_YEARS)
    if "cohort" in value:
        code = _named(value, place, "cohort", vocabulary.cohorts)
        _ages(vocabulary.cohorts[code], inside(place, "cohort"))
        return Cohort(code)
    code = _named(value, place, "param", vocabulary.parameters)
    _ages(vocabulary.parameters[code], inside(place, "param"))
    return Param(code)


def _ages(figures: Dated, place: str) -> None:
    """Raises WrongType unless every figure is an age in whole months."""
    for _, years in figures:
        if not 0 <= years <= _MAX_YEARS or years * 12 % 1:
            raise WrongType(place, f"{years} is no age in years and whole months")


def _member(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("group",))
    return Member(word(node["group"], inside(place, "group"), vocabulary.groups | vocabulary.definitions.keys()))


def _related(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("relation",), ("where",))
    return Related(_relation(node["relation"], place, vocabulary), _where(node, place, vocabulary))


def _count(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("relation", "op", "value"), ("where",))
    return Count(
        _relation(node["relation"], place, vocabulary),
        word(node["op"], inside(place, "op"), OPS),
        whole(node["value"], inside(place, "value"), 0, 1000),
        _where(node, place, vocabulary),
    )


def _relation(value: object, place: str, vocabulary: Vocabulary) -> str:
    return word(value, inside(place, "relation"), vocabulary.relations)


def _where(node: dict[str, object], place: str, vocabulary: Vocabulary) -> Condition | None:
    return _node(node["where"], inside(place, "where"), vocabulary) if "where" in node else None


def _during(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    if isinstance(value, str):
        return During(word(value, place, vocabulary.calendars))
    bounds = items(value, place)
    if len(bounds) != 2:
        raise OutOfRange(place, "two days expected: from, and the first day after")
    start, end = (None if item is None else day(item, inside(place, at)) for at, item in enumerate(bounds))
    try:
        return During(Period(start, end))
    except RulesError as error:
        raise OutOfRange(place, str(error)) from error


def _months(value: object, place: str, vocabulary: Vocabulary) -> tuple[Condition, int]:
    node = record(value, place, ("of", "months"))
    part = _node(node["of"], inside(place, "of"), vocabulary)
    return part, whole(node["months"], inside(place, "months"), 1, 1200)


def _extend_to(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("of", "boundary"))
    boundary = Boundary(word(text(node["boundary"], inside(place, "boundary")), inside(place, "boundary"), Boundary))
    return ExtendTo(_node(node["of"], inside(place, "of"), vocabulary), boundary)


def _except(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("of", "unless"))
    part, unless = (_node(node[key], inside(place, key), vocabulary) for key in ("of", "unless"))
    return Except(part, unless)


READERS: dict[str, Reader] = {
    "all": lambda value, place, known: All(_parts(value, place, known)),
    "any": lambda value, place, known: Any(_parts(value, place, known)),
    "not": lambda value, place, known: Not(_node(value, place, known)),
    "has": _has,
    "num": _num,
    "age": _age,
    "member": _member,
    "related": _related,
    "count": _count,
    "during": _during,
    "held": lambda value, place, known: Held(*_months(value, place, known)),
    "grace": lambda value, place, known: Grace(*_months(value, place, known)),
    "extend_to": _extend_to,
    "except": _except,
}

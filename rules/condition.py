"""The condition tree of a grant rule: node types, strict reading, canonical JSON and its hash.

    condition = {"all": [c, ...]} | {"any": [c, ...]} | {"not": c}
              | {"has": {"fact": f, "in"?: [v, ...]}}
              | {"age": {"op": "ge" | "lt", "years": n, "feb29"?: "02-28" | "03-01"}}
              | {"member": {"group": g}}
              | {"during": [from, to] | "calendar"}          half-open, null = without limit
              | {"held" | "grace": {"of": c, "months": n}}
              | {"extend_to": {"of": c, "boundary": b}}
              | {"except": {"of": c, "unless": c}}

A further node is a dataclass here, one reader in READERS, one line in `to_json` and `children`, and its day set in
`rules.evaluate`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rules.errors import OutOfRange, RulesError, TooLarge, UnknownKey
from rules.period import Period
from rules.shape import Json, day, each, inside, items, record, text, whole, word
from rules.shift import Boundary
from rules.vocabulary import Vocabulary

MAX_NODES = 500
_MAX_POINTER = 64  # segments: deep enough for any rule a person can read, shallow enough never to exhaust the stack


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    of: "Condition"


@dataclass(frozen=True, slots=True)
class Has:
    """A fact of the kind is valid, with one of the values (None = with any)."""

    fact: str
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """The n-th birthday has been reached (`ge`) or not yet (`lt`).

    `feb29` is the birthday, in common years, of those born on 29 February; rules name it because laws differ.
    """

    op: str
    years: int
    feb29: str = "03-01"


@dataclass(frozen=True, slots=True)
class Member:
    """The person belongs to the group."""

    group: str


@dataclass(frozen=True, slots=True)
class During:
    """The day lies in the period, or in the named calendar."""

    when: Period | str


@dataclass(frozen=True, slots=True)
class Held:
    """The part has held without a break for so many months."""

    of: "Condition"
    months: int


@dataclass(frozen=True, slots=True)
class Grace:
    """The part holds or ended less than so many months ago."""

    of: "Condition"
    months: int


@dataclass(frozen=True, slots=True)
class ExtendTo:
    """The part holds, each period prolonged to the boundary after its last day."""

    of: "Condition"
    boundary: Boundary


@dataclass(frozen=True, slots=True)
class Except:
    """The first part holds and the second does not; kept apart from `all`/`not` because laws are written so."""

    of: "Condition"
    unless: "Condition"


Condition = All | Any | Not | Has | Age | Member | During | Held | Grace | ExtendTo | Except
Reader = Callable[[object, str, Vocabulary], Condition]


@dataclass(frozen=True, slots=True)
class Reads:
    """What a condition depends on: fact kinds, groups, calendars, and whether the birth date."""

    facts: frozenset[str]
    groups: frozenset[str]
    calendars: frozenset[str]
    born: bool


def parse(value: object, vocabulary: Vocabulary) -> Condition:
    """Read a condition from decoded JSON. Raises a subclass of Refused whose `place` is a JSON pointer."""
    condition = _node(value, "", vocabulary)
    if sum(1 for _ in walk(condition)) > MAX_NODES:
        raise TooLarge("", f"more than {MAX_NODES} nodes")
    return condition


def children(node: Condition) -> tuple[Condition, ...]:
    """The parts of a node, in the order they are written."""
    match node:
        case All(parts) | Any(parts):
            return parts
        case Not(part) | Held(part) | Grace(part) | ExtendTo(part):
            return (part,)
        case Except(part, unless):
            return (part, unless)
    return ()


def walk(node: Condition) -> Iterator[Condition]:
    """The node and everything below it, top down."""
    yield node
    for part in children(node):
        yield from walk(part)


def reads(condition: Condition) -> Reads:
    """What must be known of a person to evaluate the condition: the dependency index of a rule."""
    nodes = tuple(walk(condition))
    return Reads(
        frozenset(node.fact for node in nodes if isinstance(node, Has)),
        frozenset(node.group for node in nodes if isinstance(node, Member)),
        frozenset(node.when for node in nodes if isinstance(node, During) and isinstance(node.when, str)),
        any(isinstance(node, Age) for node in nodes),
    )


def to_json(node: Condition) -> Json:
    """The condition as plain JSON values; `parse` reads it back to an equal condition."""
    match node:
        case All(parts):
            return {"all": [to_json(part) for part in parts]}
        case Any(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Has(fact, values):
            return {"has": {"fact": fact} if values is None else {"fact": fact, "in": sorted(values)}}
        case Age(op, years, feb29):
            return {"age": {"feb29": feb29, "op": op, "years": years}}
        case Member(group):
            return {"member": {"group": group}}
        case During(when):
            return {"during": when if isinstance(when, str) else [_iso(when.start), _iso(when.end)]}
        case Held(part, months):
            return {"held": {"months": months, "of": to_json(part)}}
        case Grace(part, months):
            return {"grace": {"months": months, "of": to_json(part)}}
        case ExtendTo(part, boundary):
            return {"extend_to": {"boundary": boundary.value, "of": to_json(part)}}
        case Except(part, unless):
            return {"except": {"of": to_json(part), "unless": to_json(unless)}}


def canonical(condition: Condition) -> str:
    """The one JSON text of the condition (RFC 8785: sorted keys, no spaces; there are no fractions in it)."""
    return json.dumps(to_json(condition), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(condition: Condition) -> str:
    """SHA-256 of the canonical JSON, in hex: the name of a rule's content."""
    return hashlib.sha256(canonical(condition).encode()).hexdigest()


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


def _has(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("fact",), ("in",))
    kind = vocabulary.facts[word(node["fact"], inside(place, "fact"), vocabulary.facts)]
    if "in" not in node:
        return Has(kind.code)
    at = inside(place, "in")
    if kind.values is None:
        raise UnknownKey(at, f"the fact {kind.code} has no values")
    known = kind.values
    values = each(node["in"], at, lambda item, spot: word(item, spot, known), at_least=1)
    return Has(kind.code, frozenset(values))


def _age(value: object, place: str, _: Vocabulary) -> Condition:
    node = record(value, place, ("op", "years"), ("feb29",))
    return Age(
        word(node["op"], inside(place, "op"), ("ge", "lt")),
        whole(node["years"], inside(place, "years"), 0, 150),
        word(node.get("feb29", "03-01"), inside(place, "feb29"), ("02-28", "03-01")),
    )


def _member(value: object, place: str, vocabulary: Vocabulary) -> Condition:
    node = record(value, place, ("group",))
    return Member(word(node["group"], inside(place, "group"), vocabulary.groups))


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


def _iso(bound: date | None) -> str | None:
    return None if bound is None else bound.isoformat()


READERS: dict[str, Reader] = {
    "all": lambda value, place, known: All(_parts(value, place, known)),
    "any": lambda value, place, known: Any(_parts(value, place, known)),
    "not": lambda value, place, known: Not(_node(value, place, known)),
    "has": _has,
    "age": _age,
    "member": _member,
    "during": _during,
    "held": lambda value, place, known: Held(*_months(value, place, known)),
    "grace": lambda value, place, known: Grace(*_months(value, place, known)),
    "extend_to": _extend_to,
    "except": _except,
}

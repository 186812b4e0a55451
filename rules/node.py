"""The node types of a condition, frozen, and the way down from a node to its parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rules.period import Period
from rules.shift import Boundary


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
class Param:
    """A figure that the law sets by date, in place of a constant."""

    code: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """A figure that the law sets by birth date, in place of a constant."""

    code: str


@dataclass(frozen=True, slots=True)
class Has:
    """A fact of the kind is valid, with one of the values (None = with any)."""

    fact: str
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Num:
    """A fact of the kind is valid whose number compares so: lt, le, eq, ge, gt.

    Where several facts of the kind are valid on a day, one that fits is enough, as with `Has`.
    """

    fact: str
    op: str
    value: Decimal | Param


@dataclass(frozen=True, slots=True)
class Age:
    """The n-th birthday has been reached (`ge`) or not yet (`lt`).

    `feb29` is the birthday, in common years, of those born on 29 February; rules name it because laws differ. Ages
    with months treat every day that a month lacks alike: 03-01 = first day of the next, 02-28 = last of that month.
    """

    op: str
    years: int | Param | Cohort
    feb29: str = "03-01"


@dataclass(frozen=True, slots=True)
class Member:
    """The person belongs to the group."""

    group: str


@dataclass(frozen=True, slots=True)
class Related:
    """The person has such a relative who meets the condition (None = any living one), on the days of the relation."""

    relation: str
    where: "Condition | None" = None


@dataclass(frozen=True, slots=True)
class Count:
    """The number of such relatives who meet the condition (None = living ones) compares so: lt, le, eq, ge, gt."""

    relation: str
    op: str
    value: int
    where: "Condition | None" = None


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


Condition = All | Any | Not | Has | Num | Age | Member | Related | Count | During | Held | Grace | ExtendTo | Except
ANYBODY = During(Period(None, None))  # what `where` means when it is left out: alive is enough


def branches(node: Condition) -> tuple[tuple[str, Condition], ...]:
    """The parts of a node, in the order they are written, each with its JSON pointer from the node."""
    match node:
        case All(parts) | Any(parts):
            key = "all" if isinstance(node, All) else "any"
            return tuple((f"/{key}/{at}", part) for at, part in enumerate(parts))
        case Not(part):
            return (("/not", part),)
        case Held(part) | Grace(part) | ExtendTo(part):
            return ((f"/{_MOVES[type(node)]}/of", part),)
        case Except(part, unless):
            return (("/except/of", part), ("/except/unless", unless))
        case Related(where=where) | Count(where=where) if where is not None:
            return ((f"/{'related' if isinstance(node, Related) else 'count'}/where", where),)
    return ()


_MOVES = {Held: "held", Grace: "grace", ExtendTo: "extend_to"}


def children(node: Condition) -> tuple[Condition, ...]:
    """The parts of a node, in the order they are written; those below `related` and `count` concern relatives."""
    return tuple(part for _, part in branches(node))


def places(node: Condition, place: str = "") -> Iterator[tuple[str, Condition]]:
    """The node and everything below it, top down, each with its JSON pointer."""
    yield place, node
    for step, part in branches(node):
        yield from places(part, place + step)


def walk(node: Condition) -> Iterator[Condition]:
    """The node and everything below it, top down."""
    for _, each in places(node):
        yield each

"""Why a condition holds on a day, and what is the least that would have to change.

The explanation is the condition tree itself, annotated. Its plain sentences are in `rules.sentence`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from rules.evaluate import Truth, day_sets, evaluate
from rules.nearest import Flip, nearest
from rules.node import (
    ANYBODY,
    Age,
    All,
    Any,
    Condition,
    Count,
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
from rules.period import Days
from rules.person import FactPeriod, PersonFacts, relatives
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Explained:
    """A node on a day: does it hold (None = undetermined), its days, the facts it rests on, the data it lacks.

    Below a group by condition is its condition. What a `related` or `count` node looks at is in `relatives`, and
    only there: leave it out and no other person's data are shown.
    """

    node: Condition
    holds: bool | None
    truth: Truth
    because: tuple[str, ...]
    missing: tuple[str, ...]
    children: "tuple[Explained, ...]"
    relatives: "tuple[ExplainedRelative, ...]" = ()


@dataclass(frozen=True, slots=True)
class ExplainedRelative:
    """A relative, the days of the relation, and what the condition says of the relative."""

    who: str
    days: Days
    tree: Explained


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer for a day: verdict and days (life included), the tree, and the nearest way to qualify.

    `nearest` is empty when the condition holds and None when no change of facts or time can make it hold.
    """

    holds: bool | None
    truth: Truth
    tree: Explained
    nearest: tuple[Flip, ...] | None


def explain(condition: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> Explanation:
    """Explain the condition for the person on the day."""
    truth = evaluate(condition, person, vocabulary)
    holds = truth.at(day)
    gone = person.died is not None and person.died <= day
    way = () if holds else (None if gone else nearest(condition, person, vocabulary, day))
    return Explanation(holds, truth, _explained(condition, person, vocabulary, day), way)


def _explained(node: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> Explained:
    truth = day_sets(node, person, vocabulary)
    bare = Explained(node, truth.at(day), truth, (), (), _parts(node, person, vocabulary, day))
    if isinstance(node, Related | Count):
        bare = replace(bare, relatives=tuple(_relatives(node, person, vocabulary, day)))
    return replace(
        bare,
        because=tuple(_because(bare, person, vocabulary, day)),
        missing=tuple(_missing(bare, person, vocabulary, day)),
    )


def _parts(node: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> tuple[Explained, ...]:
    return tuple(_explained(part, person, vocabulary, day) for part in _own_parts(node, vocabulary))


def _own_parts(node: Condition, vocabulary: Vocabulary) -> tuple[Condition, ...]:
    """The parts that concern the person, those of a group by condition included."""
    if isinstance(node, Related | Count):
        return ()
    below = vocabulary.definitions.get(node.group) if isinstance(node, Member) else None
    return children(node) if below is None else (below,)


def _relatives(
    node: Related | Count, person: PersonFacts, vocabulary: Vocabulary, day: date
) -> Iterator[ExplainedRelative]:
    for one in relatives(node.relation, person.relations):
        yield ExplainedRelative(one.who, one.days, _explained(node.where or ANYBODY, one.person, vocabulary, day))


def _because(of: Explained, person: PersonFacts, vocabulary: Vocabulary, day: date) -> Iterable[str]:
    """References of the facts that decide the node on the day."""
    node = of.node
    if isinstance(node, Has | Num):
        return [fact.ref for fact in _stated(node, person, day) if _says(node, fact, of.holds, vocabulary, day)]
    if isinstance(node, All | Any):
        return _merged(part.because for part in of.children if part.holds is of.holds)
    if isinstance(node, Not | Except | Member):
        return _merged(part.because for part in of.children)
    # a node that moves days rests on facts of other days too
    kinds = {leaf.fact for leaf in _leaves(node, vocabulary) if isinstance(leaf, Has | Num)}
    return [fact.ref for fact in person.facts if fact.kind in kinds]


def _stated(node: Has | Num, person: PersonFacts, day: date) -> list[FactPeriod]:
    return [fact for fact in person.facts if fact.kind == node.fact and day in Days.of(fact.period)]


def _says(node: Has | Num, fact: FactPeriod, holds: bool | None, vocabulary: Vocabulary, day: date) -> bool:
    """Does this fact alone give the same answer."""
    return day_sets(node, PersonFacts(None, facts=(fact,)), vocabulary).at(day) is holds


def _leaves(node: Condition, vocabulary: Vocabulary) -> Iterator[Condition]:
    parts = _own_parts(node, vocabulary)
    if not parts:
        yield node
    for part in parts:
        yield from _leaves(part, vocabulary)


def _missing(of: Explained, person: PersonFacts, vocabulary: Vocabulary, day: date) -> Iterable[str]:
    """Fact kinds, figures of the law, or `born`, whose absence leaves the node undetermined."""
    node = of.node
    if of.holds is not None:
        return ()
    if isinstance(node, Has):
        return (node.fact,)
    if isinstance(node, Num):
        stated = any(fact.num is not None for fact in _stated(node, person, day))
        return (node.value.code if stated and isinstance(node.value, Param) else node.fact,)
    if isinstance(node, Age):
        return ("born" if person.born is None or isinstance(node.years, int) else node.years.code,)
    if isinstance(node, Held | Grace | ExtendTo):
        return _merged(_missing_before(leaf, person, vocabulary, day) for leaf in _leaves(node, vocabulary))
    trees = (*of.children, *(relative.tree for relative in of.relatives))
    return _merged(tree.missing for tree in trees)


def _missing_before(leaf: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> tuple[str, ...]:
    """What the leaf lacks on the last day, up to this one, on which it is open."""
    open_days = day_sets(leaf, person, vocabulary).undetermined
    lasts = [min(period.last or day, day) for period in open_days if period.start is None or period.start <= day]
    return _explained(leaf, person, vocabulary, lasts[-1]).missing if lasts else ()


def _merged(lists: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return iter(dict.fromkeys(ref for refs in lists for ref in refs))


__all__ = ["Explained", "ExplainedRelative", "Explanation", "Flip", "explain"]

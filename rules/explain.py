"""Why a condition holds on a day, and what is the least that would have to change.

The explanation is the condition tree itself, annotated. Its plain sentences are in `rules.sentence`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from rules.condition import Age, All, Any, Condition, During, Except, Has, Not, children, walk
from rules.evaluate import PersonFacts, Truth, day_sets, evaluate
from rules.vocabulary import Vocabulary

_PLANS_KEPT = 64  # alternatives carried upwards; the best of a rule without contradictions is never cut


@dataclass(frozen=True, slots=True)
class Explained:
    """A node on a day: does it hold (None = undetermined), its days, the facts it rests on, the data it lacks."""

    node: Condition
    holds: bool | None
    truth: Truth
    because: tuple[str, ...]
    missing: tuple[str, ...]
    children: "tuple[Explained, ...]"


@dataclass(frozen=True, slots=True)
class Flip:
    """A leaf that would have to become `wanted`; `on` is the day it does so by itself, None = a new fact."""

    leaf: Condition
    wanted: bool
    on: date | None


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
    nearest = () if holds else (None if gone else _nearest(condition, person, vocabulary, day))
    return Explanation(holds, truth, _explained(condition, person, vocabulary, day), nearest)


def _explained(node: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> Explained:
    truth = day_sets(node, person, vocabulary)
    parts = tuple(_explained(part, person, vocabulary, day) for part in children(node))
    holds = truth.at(day)
    return Explained(
        node, holds, truth, tuple(_because(node, holds, parts, person, day)), tuple(_missing(node, holds, parts)), parts
    )


def _because(
    node: Condition, holds: bool | None, parts: tuple[Explained, ...], person: PersonFacts, day: date
) -> Iterable[str]:
    """References of the facts that decide the node on the day."""
    if isinstance(node, Has):
        return [fact.ref for fact in person.facts if fact.kind == node.fact and _decides(node, fact.value, holds)
                and _covers(fact.period.start, fact.period.end, day)]  # fmt: skip
    if isinstance(node, All | Any):
        return _merged(part.because for part in parts if part.holds is holds)
    if isinstance(node, Not | Except):
        return _merged(part.because for part in parts)
    # a node that moves days rests on facts of other days too
    leaves = [leaf for leaf in walk(node) if isinstance(leaf, Has)]
    return [fact.ref for fact in person.facts if any(leaf.fact == fact.kind for leaf in leaves)]


def _decides(node: Has, value: str | None, holds: bool | None) -> bool:
    fits = node.values is None or value in node.values
    return fits is bool(holds)


def _covers(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day < end)


def _missing(node: Condition, holds: bool | None, parts: tuple[Explained, ...]) -> Iterable[str]:
    """Fact kinds (or `born`) whose absence leaves the node undetermined."""
    if holds is not None:
        return ()
    if isinstance(node, Has):
        return (node.fact,)
    return ("born",) if isinstance(node, Age) else _merged(part.missing for part in parts)


def _merged(lists: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return iter(dict.fromkeys(ref for refs in lists for ref in refs))


Plan = dict[Condition, bool]  # what each leaf has to be


def _nearest(condition: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> tuple[Flip, ...] | None:
    search = _Search(person, vocabulary, day)
    plans = search.plans(condition, True)
    return None if not plans else tuple(search.flips(plans[0]))


@dataclass(frozen=True, slots=True)
class _Search:
    """The cheapest consistent wishes for the leaves; a leaf that already is as wished costs nothing."""

    person: PersonFacts
    vocabulary: Vocabulary
    day: date

    def plans(self, node: Condition, wanted: bool) -> list[Plan]:
        match node:
            case Not(part):
                return self.plans(part, not wanted)
            case All(parts):
                return self._together(parts, wanted) if wanted else self._either(parts, wanted)
            case Any(parts):
                return self._either(parts, wanted) if wanted else self._together(parts, wanted)
            case Except(part, unless):
                return self.plans(All((part, Not(unless))), wanted)
        return [{node: wanted}] if self._possible(node, wanted) else []

    def flips(self, plan: Plan) -> Iterator[Flip]:
        for leaf, wanted in plan.items():
            if day_sets(leaf, self.person, self.vocabulary).at(self.day) is not wanted:
                yield Flip(leaf, wanted, self._by_itself(leaf, wanted))

    def _either(self, parts: tuple[Condition, ...], wanted: bool) -> list[Plan]:
        return self._best(plan for part in parts for plan in self.plans(part, wanted))

    def _together(self, parts: tuple[Condition, ...], wanted: bool) -> list[Plan]:
        found: list[Plan] = [{}]
        for part in parts:
            pairs = product(found, self.plans(part, wanted))
            found = self._best(a | b for a, b in pairs if all(a.get(leaf, wish) is wish for leaf, wish in b.items()))
        return found

    def _best(self, plans: Iterable[Plan]) -> list[Plan]:
        return sorted(plans, key=lambda plan: sum(1 for _ in self.flips(plan)))[:_PLANS_KEPT]

    def _possible(self, leaf: Condition, wanted: bool) -> bool:
        """Facts and groups can be granted or end; age and calendar only come by themselves."""
        if not isinstance(leaf, Age | During):
            return True
        unknown = isinstance(leaf, Age) and self.person.born is None
        return unknown or self._by_itself(leaf, wanted) is not None

    def _by_itself(self, leaf: Condition, wanted: bool) -> date | None:
        truth = day_sets(leaf, self.person, self.vocabulary)
        return (truth.true if wanted else truth.false).first_from(self.day)

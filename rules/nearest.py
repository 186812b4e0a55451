"""The nearest way to qualify: the fewest parts of a condition that would have to change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from rules.evaluate import day_sets
from rules.node import Age, All, Any, Condition, During, Except, Member, Not
from rules.person import PersonFacts
from rules.vocabulary import Vocabulary

_PLANS_KEPT = 64  # alternatives carried upwards; the best of a rule without contradictions is never cut
Plan = dict[Condition, bool]  # what each leaf has to be


@dataclass(frozen=True, slots=True)
class Flip:
    """A leaf that would have to become `wanted`; `on` is the day it does so by itself, None = a new fact."""

    leaf: Condition
    wanted: bool
    on: date | None


def nearest(condition: Condition, person: PersonFacts, vocabulary: Vocabulary, day: date) -> tuple[Flip, ...] | None:
    """The fewest flips by which the condition holds on the day, None where no change of facts or time can do it.

    What concerns relatives, and what moves days, is one leaf.
    """
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
            case Member(group) if group in self.vocabulary.definitions:
                return self.plans(self.vocabulary.definitions[group], wanted)
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

"""The worlds in which a condition holds: for each subject, the points of it that a part leaves possible."""

from collections.abc import Iterable
from dataclasses import dataclass

from rules.node import All, Any, Condition, Except, ExtendTo, Grace, Held, Member, Not, branches
from rules.subject import TooManyWorlds, look, together
from rules.vocabulary import Vocabulary

Region = dict[object, frozenset[object]]  # a subject that is not named may be anything
_MOST_REGIONS = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What a part has to be: `value`, surely; or at least not certainly the opposite."""

    value: bool
    surely: bool = True

    def __invert__(self) -> "Wish":
        return Wish(not self.value, self.surely)

    def fits(self, answer: bool | None) -> bool:
        """Does an answer (None = undetermined) grant the wish."""
        return answer is self.value or (answer is None and not self.surely)


class Worlds:
    """All that can be the case for one condition, groups by condition included. Raises TooManyWorlds."""

    def __init__(self, condition: Condition, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.points = together([look(leaf, vocabulary) for leaf in self._leaves(condition)])

    def possible(self, wishes: Iterable[tuple[Condition, Wish]]) -> bool:
        """Is there a world in which all wishes come true. Raises TooManyWorlds."""
        return bool(_all_of([self.regions(node, wish) for node, wish in wishes]))

    def regions(self, node: Condition, wish: Wish) -> list[Region]:
        """Regions whose worlds, and no others, may grant the wish. Raises TooManyWorlds."""
        match node:
            case Not(part):
                return self.regions(part, ~wish)
            case All(parts) | Any(parts):
                found = [self.regions(part, wish) for part in parts]
                return _all_of(found) if wish.value is isinstance(node, All) else _one_of(found)
            case Except(part, unless):
                return self.regions(All((part, Not(unless))), wish)
            case Member(group) if group in self.vocabulary.definitions:
                return self.regions(self.vocabulary.definitions[group], wish)
            case Held(part) | Grace(part) | ExtendTo(part):
                return self._moved(node, part, wish)
        return self._leaf(node, wish)

    def _moved(self, node: Condition, part: Condition, wish: Wish) -> list[Region]:
        """Held days are days of the part, and those of the part are among the days in grace; else all is open."""
        inner = self.regions(part, wish)
        if wish.value is isinstance(node, Held):
            return _all_of([inner, self._leaf(node, wish)])
        return self._leaf(node, wish) if inner else []

    def _leaf(self, node: Condition, wish: Wish) -> list[Region]:
        looked = look(node, self.vocabulary)
        left = frozenset(point for point in self.points[looked.subject] if wish.fits(looked.answer(point)))
        return [{looked.subject: left}] if left else []

    def _leaves(self, node: Condition) -> list[Condition]:
        definition = self.vocabulary.definitions.get(node.group) if isinstance(node, Member) else None
        below = [part for _, part in branches(node)] if definition is None else [definition]
        own = [] if isinstance(node, All | Any | Not | Except) or definition is not None else [node]
        return own + [leaf for part in below for leaf in self._leaves(part)]


def _all_of(many: list[list[Region]]) -> list[Region]:
    found: list[Region] = [{}]
    for regions in many:
        both = (_meet(one, other) for one in found for other in regions)
        found = _largest(region for region in both if all(region.values()))
    return found


def _meet(one: Region, other: Region) -> Region:
    return one | {subject: one.get(subject, points) & points for subject, points in other.items()}


def _one_of(many: list[list[Region]]) -> list[Region]:
    return _largest(region for regions in many for region in regions)


def _largest(regions: Iterable[Region]) -> list[Region]:
    """Without the regions that lie inside another one."""
    kept: list[Region] = []
    for region in regions:
        if not any(_inside(region, other) for other in kept):
            kept = [other for other in kept if not _inside(other, region)] + [region]
        if len(kept) > _MOST_REGIONS:
            raise TooManyWorlds
    return kept


def _inside(region: Region, other: Region) -> bool:
    return all(subject in region and region[subject] <= points for subject, points in other.items())

"""Parts of a condition that do nothing: contradictions, branches nobody can reach, rows that never decide.

What is found is proven for every person and day, unknown data included. What is not found may still be there: a
calendar and an age, or two kinds of facts, are taken to be independent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rules.node import All, Any, Condition, Except, Not, branches
from rules.subject import TooManyWorlds
from rules.vocabulary import Vocabulary
from rules.world import Wish, Worlds

_HOLDS, _MAY_HOLD, _FAILS = Wish(True), Wish(True, surely=False), Wish(False)
Wishes = tuple[tuple[Condition, Wish], ...]


class Fault(StrEnum):
    """What is wrong with a part."""

    CONTRADICTION = "contradiction"  # it can never hold
    UNREACHABLE = "unreachable"  # it cannot hold together with the rest of the rule
    NEVER_DECIDES = "never_decides"  # without it the rule gives the same
    ALWAYS = "always"  # it holds for everybody
    TOO_COMPLEX = "too_complex"  # too many alternatives to be looked through


_SENTENCES = {
    Fault.CONTRADICTION: ("nosacījums nekad nevar izpildīties", "this can never hold"),
    Fault.UNREACHABLE: ("kopā ar pārējo nosacījumu tas nekad neizpildās", "this never holds together with the rest"),
    Fault.NEVER_DECIDES: ("bez šīs daļas rezultāts ir tāds pats", "without this part the result is the same"),
    Fault.ALWAYS: ("nosacījums izpildās ikvienam", "this holds for everybody"),
    Fault.TOO_COMPLEX: ("nosacījums ir pārāk sarežģīts, lai to pārbaudītu", "this is too complex to be checked"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault and its place, a JSON pointer (RFC 6901) into the condition."""

    place: str
    fault: Fault

    def said(self, lang: str) -> str:
        """The fault as a phrase in `lang` (lv or en)."""
        return _SENTENCES[self.fault][lang != "lv"]


def lint(condition: Condition, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Everything that can be proven to do nothing, top down; the condition itself is not refused for it."""
    try:
        worlds = Worlds(condition, vocabulary)
        everybody = not worlds.possible([(condition, Wish(False, surely=False))])
    except TooManyWorlds:
        return (Finding("", Fault.TOO_COMPLEX),)
    always = (Finding("", Fault.ALWAYS),) if everybody else ()
    return always + tuple(_Search(worlds).findings(condition, "", ()))


@dataclass(frozen=True, slots=True)
class _Search:
    worlds: Worlds

    def findings(self, node: Condition, place: str, beside: tuple[Condition, ...]) -> Iterator[Finding]:
        """Findings in a node; `beside` are parts that have to hold wherever the node matters."""
        try:
            fault = self._fault(node, beside)
            found = [] if fault else list(self._inside(node, place, beside))
        except TooManyWorlds:
            fault, found = Fault.TOO_COMPLEX, []
        if fault:
            yield Finding(place, fault)
        yield from found

    def _fault(self, node: Condition, beside: tuple[Condition, ...]) -> Fault | None:
        if not self.worlds.possible([(node, _HOLDS)]):
            return Fault.CONTRADICTION
        return None if self.worlds.possible(_each((*beside, node), _HOLDS)) else Fault.UNREACHABLE

    def _inside(self, node: Condition, place: str, beside: tuple[Condition, ...]) -> Iterator[Finding]:
        match node:
            case All(parts):
                yield from self._parts(node, place, self._needed(parts, beside), beside)
            case Any(parts):
                yield from self._parts(node, place, self._needed(parts, beside, _FAILS), beside)
            case Except(part, unless):
                yield from self.findings(part, f"{place}/except/of", beside)
                if self._changes(1, (part, Not(unless)), [True, True], beside, _HOLDS):
                    yield from self.findings(unless, f"{place}/except/unless", ())
                else:
                    yield Finding(f"{place}/except/unless", Fault.NEVER_DECIDES)
            case _:
                for step, part in branches(node):
                    yield from self.findings(part, place + step, ())

    def _parts(
        self, node: All | Any, place: str, needed: list[bool], beside: tuple[Condition, ...]
    ) -> Iterator[Finding]:
        for at, (step, part) in enumerate(branches(node)):
            others = tuple(one for one, kept in zip(node.of, needed, strict=True) if kept and one is not part)
            if not needed[at]:
                yield Finding(place + step, self._fault(part, beside) or Fault.NEVER_DECIDES)
            else:
                yield from self.findings(part, place + step, beside + (others if isinstance(node, All) else ()))

    def _needed(
        self, parts: tuple[Condition, ...], beside: tuple[Condition, ...], others_are: Wish = _HOLDS
    ) -> list[bool]:
        """Which parts change anything, those without effect taken out from the last one up."""
        needed = [True] * len(parts)
        for at in reversed(range(len(parts))):
            others = tuple(one for one, kept in zip(parts, needed, strict=True) if kept)
            needed[at] = len(others) == 1 or self._changes(at, parts, needed, beside, others_are)
        return needed

    def _changes(
        self, at: int, parts: tuple[Condition, ...], needed: list[bool], beside: tuple[Condition, ...], others: Wish
    ) -> bool:
        rest = [one for index, one in enumerate(parts) if needed[index] and index != at]
        own = ~others
        for surely in (True, False):
            wishes = [(parts[at], Wish(own.value, surely)), *_each(beside, _MAY_HOLD)]
            if self.worlds.possible([*wishes, *_each(rest, Wish(others.value, not surely))]):
                return True
        return False


def _each(nodes: Iterable[Condition], wish: Wish) -> list[tuple[Condition, Wish]]:
    return [(node, wish) for node in nodes]

"""A draft of a condition as the builder shows it: its parts with their fields, errors and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from amis.granting.builder import LEAVES, LISTS, RELATIVES, WRAPPERS, Tree, at, kind_of, slots
from amis.granting.condition_form import shown_day
from amis.granting.tree_faults import Fault, sound
from amis.granting.words import Named, Phrase, said
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its place, what stands in its fields, its own parts with the role of each.

    `said` is None while something in it is wrong. `errors` maps a field to a marked text; `holds` is None where no
    sample says so: else yes, no or undetermined.
    """

    place: str
    kind: str
    role: str
    values: Mapping[str, Any]
    parts: "tuple[Part, ...]"
    said: Phrase | None
    errors: Mapping[str, str]
    findings: Sequence[tuple[str, str]]
    holds: str | None
    first: bool
    last: bool

    def name(self, of: str) -> str:
        """The name of one of its fields, which is its id too."""
        return f"{self.place}:{of}"

    @property
    def movable(self) -> bool:
        """Whether it stands in a row with others."""
        return self.place.rpartition("/")[2].isdigit()

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it can become without losing its own parts."""
        if any(part.kind for part in self.parts):
            return (*WRAPPERS, *RELATIVES) if self.kind in RELATIVES else WRAPPERS
        return (*LEAVES, *WRAPPERS)

    @property
    def lone(self) -> bool:
        """Whether it has exactly one part of its own, which could stand in its place."""
        return self.kind not in RELATIVES and len([part for part in self.parts if part.kind]) == 1


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known about a draft beside the draft itself."""

    vocabulary: Vocabulary
    names: Sequence[Named]
    faults: Sequence[Fault] = ()
    findings: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    holds: Mapping[str, bool | None] = field(default_factory=dict)
    new: str | None = None
    """The place of a part just made: that its fields are empty is no mistake yet."""


def part_view(tree: Tree, shown: Shown, place: str = "", role: str = "", row: tuple[int, int] = (0, 1)) -> Part:
    """The part at the place with all below it."""
    kind = kind_of(tree)
    inner = slots(tree)
    parts = tuple(
        part_view(at(tree, slot), shown, place + slot, _role(slot), (index, len(inner)))
        for index, slot in enumerate(inner)
    )
    condition = sound(tree, shown.vocabulary)
    return Part(
        place,
        kind,
        role,
        _values(tree),
        parts,
        None if condition is None else said(condition, shown.names),
        {fault.field: fault.message for fault in shown.faults if fault.place == place != shown.new},
        shown.findings.get(place, ()),
        _HOLDS[shown.holds[place]] if place in shown.holds else None,
        row[0] == 0,
        row[0] == row[1] - 1,
    )


_HOLDS = {True: "yes", False: "no", None: "undetermined"}


def _role(slot: str) -> str:
    key = slot.rpartition("/")[2]
    return "" if key.isdigit() else key


def _values(node: Tree) -> dict[str, Any]:
    """The values of the fields as texts."""
    kind = kind_of(node)
    if kind == "during":
        return _during(node["during"])
    if kind in (*LISTS, "not", ""):
        return {}
    inner = {key: value for key, value in node[kind].items() if key not in ("of", "unless", "where")}
    if kind == "has":
        listed = inner.get("in")
        return {"fact": _text(inner.get("fact")), "in": listed if isinstance(listed, list) else []}
    return {key: _text(value) for key, value in inner.items() if not isinstance(value, dict)} | _figure(kind, inner)


def _figure(kind: str, inner: Mapping[str, Any]) -> dict[str, str]:
    figure = inner.get("years" if kind == "age" else "value")
    if not isinstance(figure, dict):
        return {"source": "", "value": _text(figure)}
    code = next(iter(figure.items()), ("", ""))
    return {"source": f"{code[0]}:{code[1]}", "value": ""}


def _during(when: Any) -> dict[str, Any]:
    if isinstance(when, str):
        return {"when": when, "from": None, "last": None}
    return {"when": "", "from": shown_day(when[0]), "last": shown_day(when[1], last=True)}


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

"""What is wrong with a draft of a condition, part by part, so that each message stands beside its field."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from amis.granting.builder import LISTS, Tree, at, kind_of, places, slots
from amis.web.i18n import mark
from rules.condition import Condition, parse
from rules.errors import Refused, TooLarge
from rules.vocabulary import Vocabulary

_ANYTHING: Mapping[str, Any] = {"during": [None, None]}
_MESSAGES: Mapping[tuple[str, str], str] = {
    ("", "kind"): mark("Choose what this part is about"),
    ("all", "new"): mark("Add at least one part"),
    ("any", "new"): mark("Add at least one part"),
    ("has", "fact"): mark("Choose the fact"),
    ("has", "in"): mark("Choose values of this fact"),
    ("num", "fact"): mark("Choose a fact that has a number"),
    ("num", "value"): mark("Enter an amount such as 343,00, or choose one set by law"),
    ("age", "value"): mark("Enter whole years from 0 to 150, or choose an age set by law"),
    ("member", "group"): mark("Choose the group"),
    ("related", "relation"): mark("Choose the relation"),
    ("count", "relation"): mark("Choose the relation"),
    ("count", "value"): mark("Enter a whole number from 0 to 1000"),
    ("during", "from"): mark("Enter days such as 31/05/2026, the last one not before the first"),
    ("during", "when"): mark("Choose the calendar"),
    ("held", "months"): mark("Enter whole months from 1 to 1200"),
    ("grace", "months"): mark("Enter whole months from 1 to 1200"),
    ("extend_to", "boundary"): mark("Choose until when"),
}
_OTHER = mark("This part cannot be understood")
_TOO_LARGE = mark("The condition is too large")


@dataclass(frozen=True, slots=True)
class Fault:
    """A marked message, the part it concerns, and the name of the field beside which it stands."""

    place: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft as the rules read it: a condition, or None and what is wrong."""

    condition: Condition | None
    faults: tuple[Fault, ...]


def check(tree: Tree, vocabulary: Vocabulary) -> Checked:
    """Reads a draft; every part that is wrong is named, not only the first."""
    faults = tuple(_faults(tree, vocabulary))
    if faults:
        return Checked(None, faults)
    try:
        return Checked(parse(tree, vocabulary), ())
    except Refused as error:
        return Checked(None, (Fault(_part(tree, error.place), "part", _TOO_LARGE),))


def sound(tree: Tree, vocabulary: Vocabulary) -> Condition | None:
    """One part with all below it as a condition; None while something in it is wrong."""
    try:
        return parse(tree, vocabulary)
    except Refused:
        return None


def _faults(tree: Tree, vocabulary: Vocabulary) -> Iterator[Fault]:
    for place, node in places(tree):
        try:
            parse(_alone(node), vocabulary)
        except TooLarge:
            yield Fault(place, "part", _TOO_LARGE)
        except Refused as error:
            yield _fault(place, node, error.place)


def _alone(node: Tree) -> Tree:
    """The part with something harmless in place of its own parts, which are looked at by themselves."""
    alone = deepcopy(node)
    for slot in slots(alone):
        around, _, key = slot.rpartition("/")
        holder = at(alone, around)
        holder[int(key) if isinstance(holder, list) else key] = _ANYTHING
    return alone


def _fault(place: str, node: Tree, wrong: str) -> Fault:
    kind, key = kind_of(node), wrong.split("/")[2] if wrong.count("/") > 1 else ""
    if kind in (*LISTS, ""):
        field = "new" if kind else "kind"
        return Fault(place, field, _MESSAGES[kind, field])
    field = _period_field(node) if kind == "during" else {"years": "value"}.get(key, key)
    message = _MESSAGES.get((kind, field))
    return Fault(place, field, message) if message else Fault(place, "part", _OTHER)


def _period_field(node: Tree) -> str:
    return "when" if isinstance(node["during"], str) else "from"


def _part(tree: Tree, wrong: str) -> str:
    """The innermost part around a place."""
    around = [place for place, _ in places(tree) if wrong == place or wrong.startswith(f"{place}/")]
    return around[-1] if around else ""

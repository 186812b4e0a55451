"""A condition while it is being built: single steps on a tree of plain JSON, one for each button of the builder.

A draft has the shape of `rules.condition`, with wrong or empty values where something is still to be filled in and `{}`
for a part that is not chosen yet. Places are JSON pointers (RFC 6901); no key of the language needs escaping.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

Tree = dict[str, Any]
LISTS = ("all", "any")
MOVERS = ("held", "grace", "extend_to")
WRAPPERS = (*LISTS, "not", *MOVERS, "except")
LEAVES = ("has", "num", "age", "member", "related", "count", "during")
RELATIVES = ("related", "count")

_BLANKS: Mapping[str, Any] = MappingProxyType(
    {
        "all": [],
        "any": [],
        "not": {},
        "has": {"fact": ""},
        "num": {"fact": "", "op": "le", "value": ""},
        "age": {"op": "ge", "years": ""},
        "member": {"group": ""},
        "related": {"relation": ""},
        "count": {"relation": "", "op": "ge", "value": ""},
        "during": [None, None],
        "held": {"of": {}, "months": ""},
        "grace": {"of": {}, "months": ""},
        "extend_to": {"of": {}, "boundary": "month_end"},
        "except": {"of": {}, "unless": {}},
    }
)


def kind_of(node: Tree) -> str:
    """The kind of a part, "" where it is not chosen yet."""
    return next(iter(node), "")


def blank(kind: str) -> Tree:
    """A new part of the kind with nothing filled in. Raises KeyError for a kind that is not known."""
    return {kind: deepcopy(_BLANKS[kind])}


def slots(node: Tree) -> tuple[str, ...]:
    """The places of a part's own parts, from the part."""
    kind = kind_of(node)
    if kind in LISTS:
        return tuple(f"/{kind}/{at}" for at in range(len(node[kind])))
    if kind == "not":
        return ("/not",)
    keys = {"except": ("of", "unless"), **dict.fromkeys(MOVERS, ("of",)), **dict.fromkeys(RELATIVES, ("where",))}
    return tuple(f"/{kind}/{key}" for key in keys.get(kind, ()) if key in node[kind])


def places(tree: Tree, place: str = "") -> Iterator[tuple[str, Tree]]:
    """Each part with its place, top down."""
    yield place, tree
    for slot in slots(tree):
        yield from places(at(tree, slot), place + slot)


def at(tree: Tree, place: str) -> Any:
    """What lies at the place. Raises LookupError where there is nothing."""
    found: Any = tree
    for key in place.split("/")[1:]:
        found = found[int(key) if isinstance(found, list) else key]
    return found


def add(tree: Tree, place: str, kind: str) -> Tree:
    """A new part at the end of an all or any, or the condition on the relatives of a related or count."""

    def more(node: Tree) -> Tree:
        inner = node[kind_of(node)]
        if kind_of(node) in LISTS:
            inner.append(blank(kind))
        else:
            inner["where"] = blank(kind)
        return node

    return _changed(tree, place, more)


def become(tree: Tree, place: str, kind: str) -> Tree:
    """Another kind of part; what it was made of goes on as far as the new kind has room for it."""
    return _changed(tree, place, lambda node: _around(kind, [at(node, slot) for slot in slots(node)]))


def wrap(tree: Tree, place: str, kind: str) -> Tree:
    """A new part around the one at the place."""
    return _changed(tree, place, lambda node: _around(kind, [node]))


def unwrap(tree: Tree, place: str) -> Tree:
    """The first own part in place of the part around it."""
    return _changed(tree, place, lambda node: at(node, slots(node)[0]))


def remove(tree: Tree, place: str) -> Tree:
    """Without the part; where one is needed it is to be chosen anew."""
    around, _, key = place.rpartition("/")
    if key == "where":
        return _changed(tree, around.rpartition("/")[0], _without_where)
    if not key.isdigit():
        return _changed(tree, place, lambda _: {})
    shorter = deepcopy(tree)
    del at(shorter, around)[int(key)]
    return shorter


def move(tree: Tree, place: str, step: int) -> Tree:
    """The part so many places further among its neighbours. Raises LookupError beyond the first and the last."""
    around, _, key = place.rpartition("/")
    moved = deepcopy(tree)
    row, target = at(moved, around), int(key) + step
    if target < 0:
        raise IndexError(target)
    row[int(key)], row[target] = row[target], row[int(key)]
    return moved


def _changed(tree: Tree, place: str, change: Callable[[Tree], Tree]) -> Tree:
    copied = {"": deepcopy(tree)}
    around, _, key = f"/{place}".rpartition("/") if place else ("", "", "")
    holder = at(copied, around)
    slot = int(key) if isinstance(holder, list) else key
    holder[slot] = change(holder[slot])
    return copied[""]


def _around(kind: str, parts: list[Tree]) -> Tree:
    made = blank(kind)
    if kind in LISTS:
        made[kind] = parts
    elif kind == "not" and parts:
        made["not"] = _one(parts)
    elif kind == "except" and parts:
        made["except"] = {"of": parts[0], "unless": _one(parts[1:])}
    elif kind in MOVERS and parts:
        made[kind]["of"] = _one(parts)
    elif kind in RELATIVES and parts:
        made[kind]["where"] = _one(parts)
    return made


def _one(parts: list[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else ({"all": parts} if parts else {})


def _without_where(node: Tree) -> Tree:
    del node[kind_of(node)]["where"]
    return node

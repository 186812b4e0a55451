"""A draft of a condition as JSON text: what the form carries, and what experts type."""

from typing import Any

from amis.granting.builder import LISTS, MOVERS, RELATIVES, Tree, kind_of
from amis.granting.errors import ConditionInvalid
from rules.reading import READERS
from sync.errors import SyncError
from sync.strict_json import strict_json


def read_tree(text: str) -> Tree:
    """The draft from JSON text.

    Raises:
        ConditionInvalid: it is no JSON, is nested too deeply, or has a part of no known kind; with its place.
    """
    try:
        tree = strict_json(text.encode())
    except SyncError as error:
        raise ConditionInvalid(str(error)) from error
    _shaped(tree, "")
    return tree  # type: ignore[no-any-return]  # every part was looked at


def _shaped(node: Any, place: str) -> None:
    if not isinstance(node, dict) or len(node) > 1 or not node.keys() <= READERS.keys():
        raise ConditionInvalid(place, pointer=place)
    kind = kind_of(node)
    inner = node.get(kind)
    if kind in LISTS:
        if not isinstance(inner, list):
            raise ConditionInvalid(place, pointer=f"{place}/{kind}")
        for index, part in enumerate(inner):
            _shaped(part, f"{place}/{kind}/{index}")
    elif kind == "not":
        _shaped(inner, f"{place}/not")
    elif kind == "during":
        if not isinstance(inner, str) and not (isinstance(inner, list) and len(inner) == 2):
            raise ConditionInvalid(place, pointer=f"{place}/during")
    elif kind:
        _inner_shaped(kind, inner, f"{place}/{kind}")


def _inner_shaped(kind: str, inner: Any, place: str) -> None:
    if not isinstance(inner, dict):
        raise ConditionInvalid(place, pointer=place)
    needed = {"except": ("of", "unless"), **dict.fromkeys(MOVERS, ("of",))}.get(kind, ())
    for key in needed:
        _shaped(inner.setdefault(key, {}), f"{place}/{key}")
    if kind in RELATIVES and "where" in inner:
        _shaped(inner["where"], f"{place}/where")

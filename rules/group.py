"""Groups by condition: their members are the persons who meet it, each on the days on which they do."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rules.errors import CyclicGroup, TooLarge
from rules.node import Condition, Member, children, places
from rules.reading import MAX_NODES, bounded, parse
from rules.shape import inside
from rules.vocabulary import Vocabulary

_MAX_DEPTH = 64  # levels, through all groups that a group names


def define(document: Mapping[str, object], vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with groups by condition, from decoded JSON {group code: condition}. They may name each other.

    Raises a subclass of Refused whose place starts with the code; CyclicGroup where a group depends on itself.
    """
    words = replace(vocabulary, groups=vocabulary.groups | document.keys(), definitions={})
    read = {code: parse(value, words, inside("", code)) for code, value in document.items()}
    depths: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for code in _after_those_named(read):
        depths[code] = _depth(read[code], depths)
        sizes[code] = sum(1 + sizes.get(_group(node), 0) for _, node in places(read[code]))
        if depths[code] > _MAX_DEPTH or sizes[code] > MAX_NODES:
            raise TooLarge(inside("", code), f"more than {MAX_NODES} nodes or {_MAX_DEPTH} levels with its groups")
        bounded(read[code], read, inside("", code))
    return replace(words, definitions=read)


def _after_those_named(read: Mapping[str, Condition]) -> list[str]:
    """The groups, each after all groups that it names."""
    order: list[str] = []
    for code in read:
        _visit(code, (), order, read)
    return order


def _visit(code: str, trail: tuple[str, ...], order: list[str], read: Mapping[str, Condition]) -> None:
    if code in order:
        return
    if len(trail) > _MAX_DEPTH:
        raise TooLarge(inside("", trail[0]), f"more than {_MAX_DEPTH} groups name one another in a row")
    for place, named in _named(code, read):
        if named in (*trail, code):
            cycle = (*trail, code)[(*trail, code).index(named) :]
            raise CyclicGroup(place, " -> ".join((*cycle, named)))
        _visit(named, (*trail, code), order, read)
    order.append(code)


def _named(code: str, read: Mapping[str, Condition]) -> Iterator[tuple[str, str]]:
    for place, node in places(read[code], inside("", code)):
        if _group(node) in read:
            yield f"{place}/member/group", _group(node)


def _group(node: Condition) -> str:
    return node.group if isinstance(node, Member) else ""


def _depth(node: Condition, depths: Mapping[str, int]) -> int:
    below = max((_depth(part, depths) for part in children(node)), default=0)
    return 1 + max(below, depths.get(_group(node), 0))

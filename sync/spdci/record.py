"""A registry record as layers: the person, the member of a group around it, the group around that.

The standard and its samples write one thing in several ways: `person` inside `demographic_info` or its members there,
a member bare or inside `household_member`, one name or a list of them, JSON-LD prefixes before names. All are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.spdci.when import blank

Layer = Mapping[str, Any]
_WRAPPED = ("household_member", "member")


@dataclass(frozen=True, slots=True, repr=False)
class Described:
    """One human of a record; `layers` go from the person outwards, `group` is the group's own number or empty."""

    layers: tuple[Layer, ...]
    group: str = ""

    def first(self, *names: str) -> Any:
        """The innermost member of one of these names that says something, or None."""
        return next(self.each(*names), None)

    def each(self, *names: str) -> Iterator[Any]:
        """Every member of one of these names that says something, the innermost first."""
        for layer in self.layers:
            yield from (layer[name] for name in names if not blank(layer.get(name)))

    def identifier(self, kinds: Sequence[str]) -> str:
        """The value of the innermost identifier of one of these types; empty without one."""
        found = (pair for layer in self.layers for pair in _identifiers(layer, "identifier", "member_identifier"))
        return next((value for kind, value in found if kind in kinds), "")


def described(record: Layer) -> tuple[Described, ...]:
    """The humans of one registry record: a group's members and head, a member, or a person."""
    whole = _bare(record)
    if not _is_group(whole):
        return (_human(whole),)
    group = next((value for _, value in _identifiers(whole, "group_identifier")), "")
    members = [_human(_bare(one), (whole,), group) for one in _objects(whole.get("member_list"))]
    head = [_human(_bare(one), (whole,), group) for one in _objects(whole.get("group_head_info"))]
    return tuple(members or head)


def _is_group(record: Layer) -> bool:
    return any(name in record for name in ("member_list", "group_head_info", "group_identifier"))


def _human(record: Layer, around: tuple[Layer, ...] = (), group: str = "") -> Described:
    for name in _WRAPPED:
        if isinstance(record.get(name), dict):
            return _human(_bare(record[name]), (record, *around), group)
    for name in ("demographic_info", "person"):
        if isinstance(record.get(name), dict):
            return _human(_bare(record[name]), (record, *around), group)
    return Described((record, *around), group)


def _identifiers(layer: Layer, *names: str) -> Iterator[tuple[str, str]]:
    """Type and value of each; a group's own number is no identifier of its members, whatever type it has."""
    yield from _identifier(layer)
    for name in names:
        for one in _objects(layer.get(name)):
            yield from _identifier(_bare(one))


def _identifier(layer: Layer) -> Iterator[tuple[str, str]]:
    kind, value = layer.get("identifier_type"), layer.get("identifier_value")
    if isinstance(kind, str) and isinstance(value, str) and value.strip():
        yield kind, value.strip()


def _objects(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, dict)]


def _bare(record: Layer) -> dict[str, Any]:
    """The record without the prefixes of JSON-LD's compact names (`spdci:birth_date`)."""
    return {name if name.startswith("@") else name.rpartition(":")[2]: value for name, value in record.items()}

"""Roles of staff and kinds of machine, read from permissions.toml, which is their one source."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads((files("amis.staff") / "permissions.toml").read_text("utf-8"))


def permissions() -> Mapping[str, str]:
    """Every permission with the English text that says what it allows."""
    texts: dict[str, str] = _source()["permissions"]
    return texts


def role_names() -> Mapping[str, str]:
    """Every role of staff with its English name."""
    return {role: entry["name"] for role, entry in _source()["roles"].items()}


def role_permissions(roles: Iterable[str]) -> frozenset[str]:
    """All that somebody with these roles may do. A role that no longer exists allows nothing."""
    known = _source()["roles"]
    return frozenset(name for role in roles if role in known for name in known[role]["permissions"])


def machine_kinds() -> frozenset[str]:
    """The kinds of machine that can pair."""
    return frozenset(_source()["machines"])


def machine_permissions(kind: str) -> frozenset[str]:
    """All that a machine of this kind may do."""
    return frozenset(_source()["machines"][kind])

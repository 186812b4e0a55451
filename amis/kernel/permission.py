"""How a route says who may call it. The guard refuses to start an app with a route that says nothing."""

from collections.abc import Callable
from typing import Any, TypeVar

PUBLIC = "public"
"""Anybody may call: sign-in, assets, health, status lists."""
SELF_CHECKED = "self-checked"
"""The route proves its caller itself (a signature over the body, a bearer resolved in a lane)."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_MARK = "__amis_permission__"


def permission(name: str) -> Callable[[Endpoint], Endpoint]:
    """Marks an endpoint with the permission that its caller must hold."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _MARK, name)
        return endpoint

    return mark


def permission_of(endpoint: Any) -> str | None:
    """The permission an endpoint was marked with, or None."""
    return getattr(endpoint, _MARK, None)

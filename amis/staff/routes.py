"""The routes of an app and who may call each: what the guard stands before, and what a test can list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Mount

from amis.kernel.permission import PUBLIC, SELF_CHECKED, permission_of
from amis.staff.roles import permissions


@dataclass(frozen=True, slots=True)
class Entrance:
    """One route with its path template, its methods (none: any) and the permission that its caller must hold."""

    route: Any
    path: str
    methods: frozenset[str]
    permission: str


def entrances(routes: Sequence[BaseRoute]) -> Iterator[Entrance]:
    """Every route that can be called, included and mounted ones too.

    Raises:
        RuntimeError: a route has no permission mark, or one that permissions.toml does not know.
    """
    for context in iter_route_contexts(routes):
        route = _called(context)
        marked = _mark_of(route)
        if isinstance(route, Mount) and marked is None and route.routes:
            yield from entrances(route.routes)
        else:
            path = str(context.path)
            yield Entrance(route, path, frozenset(context.methods or ()), _known(marked, path))


def _called(context: RouteContext) -> Any:
    """The object whose `handle` is called: FastAPI keeps its own routes, and copies plain ones on including them."""
    return context.original_route if isinstance(context.original_route, APIRoute) else context._effective_route


def _mark_of(route: Any) -> str | None:
    return permission_of(getattr(route, "endpoint", None)) or permission_of(getattr(route, "app", None))


def _known(marked: str | None, path: str) -> str:
    if marked is None:
        raise RuntimeError(f"the route {path} does not say who may call it")
    if marked not in (PUBLIC, SELF_CHECKED) and marked not in permissions():
        raise RuntimeError(f"the route {path} asks for {marked}, which permissions.toml does not know")
    return marked

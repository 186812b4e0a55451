"""The door of every route: deny by default, who calls, and whether another site made the browser call."""

from urllib.parse import quote

import structlog
from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, Forbidden, Unauthenticated
from amis.kernel.permission import PUBLIC, SELF_CHECKED
from amis.kernel.settings import settings
from amis.staff import cookies, csrf
from amis.staff.caller import identify
from amis.staff.errors import ForeignOrigin
from amis.staff.roles import permissions
from amis.staff.routes import Entrance, entrances

_ACTOR = "actor"
_GUARDED = "__amis_guarded__"
_POLICY_VIOLATION = 1008

logger = structlog.get_logger()


def current_actor(request: Request) -> Actor:
    """FastAPI dependency: who calls.

    Raises:
        Unauthenticated: nobody signed in, or the route checks its caller itself.
    """
    actor = visitor(request)
    if actor is None:
        raise Unauthenticated
    return actor


def visitor(request: Request) -> Actor | None:
    """FastAPI dependency: who calls a public page; None for somebody not signed in."""
    actor: Actor | None = request.scope.get(_ACTOR)
    return actor


def protect(app: FastAPI) -> None:
    """Puts the guard before every route of `app`; call it when all routes are there.

    Raises:
        RuntimeError: a route has no permission mark, or one that permissions.toml does not know.
    """
    for entrance in list(entrances(app.routes)):
        _stand_before(entrance)
    app.add_middleware(_Guarded)


class _Guarded:
    """ASGI middleware that tells the guard at each route that this app asked for it.

    Routers are shared by every app that includes them; one that only shows a room's pages has no guard.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Marks whatever passes."""
        scope[_GUARDED] = True
        await self.app(scope, receive, send)


def _stand_before(entrance: Entrance) -> None:
    if hasattr(entrance.route, _GUARDED):
        return
    inner = entrance.route.handle

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = (await _admit(entrance, scope) if _GUARDED in scope else None) or inner
        await answer(scope, receive, send)

    entrance.route.handle = guarded
    setattr(entrance.route, _GUARDED, True)


async def _admit(entrance: Entrance, scope: Scope) -> ASGIApp | None:
    """None to let the request in, else the answer that turns it away."""
    # The route itself answers 405 to a method that it does not have.
    if entrance.permission == SELF_CHECKED or (entrance.methods and scope.get("method") not in entrance.methods):
        return None
    connection = HTTPConnection(scope)
    try:
        return await _turned_away(entrance, connection)
    except AmisError:
        if scope["type"] == "websocket":
            return WebSocketClose(_POLICY_VIOLATION)
        raise


async def _turned_away(entrance: Entrance, connection: HTTPConnection) -> Response | None:
    needed = entrance.permission
    actor = await identify(connection, settings()) if needed != PUBLIC or _worth_knowing(connection) else None
    connection.scope[_ACTOR] = actor
    await _refuse_foreign(connection, entrance, actor)
    if needed == PUBLIC or (actor is not None and actor.may(needed)):
        return None
    if actor is None:
        return _sign_in_first(connection)
    await _note(actor, "access.refused", needed, entrance.path)
    raise Forbidden(permissions()[needed])


async def _refuse_foreign(connection: HTTPConnection, entrance: Entrance, actor: Actor | None) -> None:
    method = connection.scope.get("method", "WEBSOCKET")
    if method in csrf.SAFE_METHODS or "authorization" in connection.headers:
        return
    has_session = cookies.session_secret(connection.cookies, settings()) is not None
    if not csrf.is_own(connection.headers, settings().public_url, has_session=has_session):
        await _note(actor, "access.foreign", entrance.permission, entrance.path)
        raise ForeignOrigin


async def _note(actor: Actor | None, action: str, needed: str, path: str) -> None:
    """Refusals of somebody known are audited; anybody could fill the trail with the others, so those are logged."""
    if actor is None:
        logger.warning("refused", action=action, permission=needed, path=path)
        return
    async with transaction(actor) as tx:
        await audit.record(tx, action, ("permission", needed), reason=path)


def _sign_in_first(connection: HTTPConnection) -> Response:
    if "hx-request" in connection.headers:
        return Response(status_code=401, headers={"hx-redirect": "/sign-in"})
    if not _wants_page(connection):
        raise Unauthenticated
    return RedirectResponse(_sign_in_url(connection), 303)


def _sign_in_url(connection: HTTPConnection) -> str:
    over = "notice=session-ended&" if cookies.session_secret(connection.cookies, settings()) else ""
    if connection.scope["method"] != "GET":
        return f"/sign-in?{over}next=/"
    asked = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    return f"/sign-in?{over}next={quote(asked)}"


def _worth_knowing(connection: HTTPConnection) -> bool:
    """Whether a public route is told who calls: pages and forms are; stylesheets and health checks cost no look-up."""
    return _wants_page(connection) or connection.scope.get("method") not in csrf.SAFE_METHODS


def _wants_page(connection: HTTPConnection) -> bool:
    return connection.scope["type"] == "http" and "text/html" in connection.headers.get("accept", "")

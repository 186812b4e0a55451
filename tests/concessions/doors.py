"""A room's doors without the guard: every request comes from one actor, as if signed in."""

import httpx
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from amis.kernel.actor import Actor
from amis.web import assets
from amis.web.faults import answer_faults
from amis.web.headers import SecurityHeaders


class _SignedIn:
    def __init__(self, app: ASGIApp, actor: Actor) -> None:
        self.app = app
        self.actor = actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["actor"] = self.actor
        await self.app(scope, receive, send)


def application(actor: Actor, *routers: APIRouter) -> FastAPI:
    """The routers as `actor` meets them, with assets, headers and fault pages."""
    app = FastAPI()
    app.router.routes.extend(assets.routes())
    for router in routers:
        app.include_router(router)
    answer_faults(app)
    app.add_middleware(SecurityHeaders, secure=False)
    app.add_middleware(_SignedIn, actor=actor)
    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    """Asks an application without a network; redirects are not followed."""
    headers = {"accept": "text/html", "accept-language": "en"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://amis.test", headers=headers)

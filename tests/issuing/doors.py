"""The doors of the room without the guard: every request comes from one clerk, who has stated a purpose for some."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from amis.issuing.api import router
from amis.issuing.desk_pages import pages as desk_pages
from amis.issuing.desks_pages import pages as desks_pages
from amis.issuing.pages import pages
from amis.issuing.photo_pages import pages as photo_pages
from amis.issuing.request_form import pages as request_form
from amis.issuing.request_pages import pages as request_pages
from amis.issuing.token_card_pages import pages as token_card_pages
from amis.kernel.actor import Actor
from amis.kernel.errors import PurposeMissing
from amis.kernel.ids import new_id
from amis.staff.caller import SESSION
from amis.staff.purpose import prompt
from amis.staff.store import FoundSession
from amis.web import assets
from amis.web.faults import answer_faults
from amis.web.headers import SecurityHeaders


class _SignedIn:
    def __init__(self, app: ASGIApp, actor: Actor, purposes: Mapping[str, str]) -> None:
        self.app, self.actor, self.purposes = app, actor, dict(purposes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            who = self.actor
            named = who.municipality_id or 0, who.municipality_name, who.label, "", ()
            scope["actor"] = who
            scope[SESSION] = FoundSession(new_id(), "open", new_id(), *named, self.purposes)
        await self.app(scope, receive, send)


def house(actor: Actor, *opened: UUID) -> FastAPI:
    """Pages and API as `actor` meets them, who has said why the persons `opened` are opened."""
    app = FastAPI()
    app.router.routes.extend(assets.routes())
    app.include_router(router)
    for room in (pages, desk_pages, desks_pages, photo_pages, request_form, request_pages, token_card_pages):
        app.include_router(room)
    answer_faults(app)
    app.add_exception_handler(PurposeMissing, _ask)
    app.add_middleware(SecurityHeaders, secure=False)
    app.add_middleware(_SignedIn, actor=actor, purposes={str(person): "check" for person in opened})
    return app


async def _ask(request: Request, _error: Exception) -> Response:
    return prompt(request)


def client(app: FastAPI) -> AsyncClient:
    """Asks an application without a network; redirects are not followed."""
    headers = {"accept": "text/html", "accept-language": "en"}
    transport = ASGITransport(app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://amis.test", headers=headers)

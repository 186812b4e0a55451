from itertools import product

import httpx
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from amis.kernel import clock
from amis.kernel.permission import PUBLIC, SELF_CHECKED, permission
from amis.staff import guard
from amis.staff.routes import entrances
from tests.staff.conftest import BASE
from tests.staff.signing import sign_in


def _app(*routes: Route | Mount) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.router.routes.extend(routes)
    return app


async def _call(app: FastAPI, method: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        return await client.request(method, path, headers={"accept": "text/html"})


def _unmarked():
    async def endpoint(request: Request) -> PlainTextResponse:
        return PlainTextResponse("in")

    return endpoint


def _included(endpoint, *, plain: bool) -> FastAPI:
    inner, outer, app = APIRouter(), APIRouter(prefix="/outer"), FastAPI(openapi_url=None)
    if plain:
        inner.routes.append(Route("/inner", endpoint))
    else:
        inner.get("/inner")(endpoint)
    outer.include_router(inner, prefix="/middle")
    app.include_router(outer)
    return app


@pytest.mark.parametrize(
    "make",
    [
        lambda: _app(Route("/plain", _unmarked())),
        lambda: _app(Mount("/mounted", PlainTextResponse("in"))),
        lambda: _app(Mount("/mounted", routes=[Route("/inner", _unmarked())])),
        lambda: _included(_unmarked(), plain=True),
        lambda: _included(_unmarked(), plain=False),
        FastAPI,
    ],
    ids=["plain", "mounted app", "mounted route", "included plain", "included", "FastAPI's own documentation"],
)
def test_an_app_with_a_route_that_says_nothing_does_not_start(make):
    with pytest.raises(RuntimeError, match="does not say"):
        guard.protect(make())


def test_a_permission_that_nobody_knows_stops_the_app():
    with pytest.raises(RuntimeError, match=r"emperor\.crown"):
        guard.protect(_app(Route("/plain", permission("emperor.crown")(_unmarked()))))


@pytest.mark.parametrize(
    "make",
    [
        lambda: _app(Route("/outer/middle/inner", permission("audit.read")(_unmarked()))),
        lambda: _app(Mount("/outer/middle", routes=[Route("/inner", permission("audit.read")(_unmarked()))])),
        lambda: _app(
            Mount("/outer/middle", Starlette(routes=[Route("/inner", permission("audit.read")(_unmarked()))]))
        ),
        lambda: _included(permission("audit.read")(_unmarked()), plain=True),
        lambda: _included(permission("audit.read")(_unmarked()), plain=False),
    ],
    ids=["plain", "mounted route", "mounted app", "included plain", "included"],
)
async def test_every_kind_of_route_is_guarded(make):
    app = make()
    guard.protect(app)
    for _ in range(2):
        assert (await _call(app, "GET", "/outer/middle/inner")).status_code == 303


def test_the_entrances_of_an_app_are_listed_with_path_methods_and_permission():
    app = _included(permission("audit.read")(_unmarked()), plain=False)
    listed = [(each.path, sorted(each.methods), each.permission) for each in entrances(app.routes)]
    assert listed == [("/outer/middle/inner", ["GET"], "audit.read")]


async def test_a_router_may_stand_in_two_apps_and_is_guarded_in_both():
    router = APIRouter()
    router.get("/inner")(permission("audit.read")(_unmarked()))
    for _ in range(2):
        app = FastAPI(openapi_url=None)
        app.include_router(router)
        guard.protect(app)
        assert (await _call(app, "GET", "/inner")).status_code == 303


async def test_public_and_self_checked_routes_let_everybody_in():
    app = _app(Route("/public", permission(PUBLIC)(_unmarked())), Route("/own", permission(SELF_CHECKED)(_unmarked())))
    guard.protect(app)
    assert (await _call(app, "GET", "/public")).text == (await _call(app, "GET", "/own")).text == "in"


async def test_a_method_that_the_route_does_not_have_is_answered_by_the_route():
    app = _app(Route("/plain", permission("audit.read")(_unmarked()), methods=["GET"]))
    guard.protect(app)
    assert (await _call(app, "POST", "/plain")).status_code == 405


async def test_a_websocket_is_closed_before_it_opens():
    app = FastAPI(openapi_url=None)

    @app.websocket("/live")
    @permission("validation.read")
    async def live(socket: WebSocket) -> None:
        await socket.accept()

    guard.protect(app)
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"accept", b"text/html")]
    scope = {"type": "websocket", "path": "/live", "headers": headers, "query_string": b"", "subprotocols": []}
    await app(scope, receive, send)
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


async def test_without_a_session_a_program_gets_401_and_a_page_leads_to_sign_in(browser, clerk):
    assert (await browser.get("/audit", headers={"accept": "application/json"})).json()["code"] == "unauthenticated"
    page = await browser.get("/audit")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/audit")
    part = await browser.get("/audit", headers={"hx-request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")


async def test_a_wrong_bearer_token_is_nobody_whatever_the_cookie(browser, clerk):
    await sign_in(browser, clerk, clock.now())
    for value in ("Bearer wrong", "Bearer ", "Basic YTpi", "Bearer " + "x" * 200):
        answer = await browser.get("/account", headers={"authorization": value, "accept": "*/*"})
        assert answer.status_code == 401


async def test_a_missing_permission_is_403_and_audited(browser, clerk, owner_connection):
    await sign_in(browser, clerk, clock.now())
    answer = await browser.get("/audit")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    rows = await owner_connection.execute(
        "SELECT actor_kind, subject_id, reason, municipality_id FROM audit WHERE action = 'access.refused'"
    )
    assert await rows.fetchall() == [("staff", "audit.read", "/audit", 2)]


FORGED = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {},
]
FORMS = ["/sign-out", "/purpose", "/account/sessions/0198c0de-0000-7000-8000-000000000000/end"]


async def test_a_form_of_another_site_changes_nothing(browser, clerk, app, owner_connection):
    await sign_in(browser, clerk, clock.now())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, cookies=browser.cookies) as forger:
        for path, forged in product(FORMS, FORGED):
            answer = await forger.post(path, headers=forged | {"accept": "text/html"})
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), (path, forged)
    assert (await browser.get("/account")).status_code == 200
    rows = await owner_connection.execute("SELECT reason FROM audit WHERE action = 'access.foreign'")
    assert len(await rows.fetchall()) == len(FORMS) * len(FORGED)

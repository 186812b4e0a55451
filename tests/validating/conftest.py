"""A town, a lane on its database, and the plain routes served as the application serves them."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from psycopg import AsyncConnection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from amis.kernel import clock
from amis.kernel.errors import AmisError
from amis.kernel.problem import problem
from amis.kernel.settings import Settings
from amis.validating import api, upload_api
from amis.validating.lane import Lane, lanes
from amis.validating.uploading import Uploads
from tests.validating.town import Terminal, Town

FREE = {"kind": "free"}


@pytest.fixture
async def town(owner_connection: AsyncConnection) -> Town:
    return await Town(owner_connection).build()


@pytest.fixture
async def lane(database: Settings) -> AsyncIterator[Lane]:
    assert database.database_url is not None
    async with lanes(database.database_url) as opened:
        await opened.ready()
        yield opened


@pytest.fixture
async def client(lane: Lane) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(lane) as opened:
        yield opened


def serving(lane: Lane) -> httpx.AsyncClient:
    """A client of the plain routes on `lane`, faults answered as problem details."""

    def fault(_: Request, error: Exception) -> Response:
        assert isinstance(error, AmisError)
        return problem(error)

    uploads = Uploads()
    app = Starlette(routes=[*api.routes(), *upload_api.routes()], exception_handlers={AmisError: fault})

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"lane": lane, "uploads": uploads}
        await app(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://amis")


def body_of(terminal: Terminal, token: Any, **more: Any) -> dict[str, Any]:
    """A tap's body; `more` replaces and adds."""
    return {
        "seq": terminal.next(),
        "token": token,
        "at": clock.now().isoformat(),
        "gross": "0.85",
        "product": "single",
    } | more


Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def send(client: httpx.AsyncClient) -> Send:
    """Sends a body (or bytes) as a terminal."""

    async def sent(terminal: Terminal, body: dict[str, Any] | bytes, path: str = "/v1/validations") -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {terminal.bearer}", "content-type": "application/json"}
        return await client.post(path, content=content, headers=headers)

    return sent


@pytest.fixture
def tap(send: Send) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Taps a token at a terminal; gives the answer's JSON."""

    async def tapped(terminal: Terminal, token: Any, **more: Any) -> dict[str, Any]:
        answer = await send(terminal, body_of(terminal, token, **more))
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    return tapped


def ago(**much: float) -> str:
    """A moment before now, as a body says it."""
    return (clock.now() - timedelta(**much)).isoformat()

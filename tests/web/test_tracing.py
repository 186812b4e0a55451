"""A request id for each request."""

from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from amis.kernel.log import request_id
from amis.web.tracing import RequestId


async def told(_request: Request) -> Response:
    return PlainTextResponse(request_id.get())


async def get(**headers: str) -> httpx.Response:
    app = RequestId(Starlette(routes=[Route("/", told)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://amis.test") as http:
        return await http.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_request_gets_an_id_that_its_logs_and_its_caller_see() -> None:
    answer = await get()
    assert UUID(answer.text).version == 7
    assert answer.headers["x-request-id"] == answer.text
    assert request_id.get() == "-"


async def test_a_caller_s_own_id_is_kept() -> None:
    answer = await get(x_request_id="proxy-0.1_abc")
    assert answer.text == answer.headers["x-request-id"] == "proxy-0.1_abc"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", 'quote"quote', "line\\nbreak"])
async def test_what_is_no_id_is_replaced(given: str) -> None:
    assert (await get(x_request_id=given)).headers["x-request-id"] != given


async def test_an_address_that_does_not_exist_has_an_id_too() -> None:
    app = RequestId(Starlette())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://amis.test") as http:
        assert UUID((await http.get("/none")).headers["x-request-id"]).version == 7


async def test_what_is_no_request_passes() -> None:
    seen: list[str] = []

    async def inner(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # an ASGI application
        seen.append(scope["type"])

    await RequestId(inner)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]  # never called
    assert seen == ["lifespan"]

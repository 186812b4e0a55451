from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from amis.kernel.body import DEFAULT_LIMIT, BodyLimit, StrictRoute
from amis.web.faults import answer_faults

PIECE = b"x" * 16_384


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An app with one JSON route of the usual limit and one of twice as much."""
    router = APIRouter(route_class=StrictRoute)

    @router.post("/usual")
    @router.post("/large")
    async def echo(body: dict[str, int]) -> dict[str, int]:
        return body

    app = FastAPI()
    app.include_router(router)
    answer_faults(app)
    app.add_middleware(BodyLimit, limits={"/large": 2 * DEFAULT_LIMIT})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://amis.test") as http:
        yield http


def padded(size: int) -> bytes:
    return b'{"a": 1}'.ljust(size)


@pytest.mark.parametrize(("path", "limit"), [("/usual", DEFAULT_LIMIT), ("/large", 2 * DEFAULT_LIMIT)])
async def test_a_body_may_be_as_large_as_its_path_takes_and_no_larger(
    client: httpx.AsyncClient, path: str, limit: int
) -> None:
    json = {"content-type": "application/json"}
    assert (await client.post(path, content=padded(limit), headers=json)).json() == {"a": 1}
    answer = await client.post(path, content=padded(limit + 1), headers=json)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_body_that_does_not_tell_its_size_is_cut_off_while_it_streams(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += len(PIECE)
            yield PIECE

    answer = await client.post("/usual", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert sent <= DEFAULT_LIMIT + 2 * len(PIECE)


@pytest.mark.parametrize(
    "body",
    [b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": 1e999}', b'{"\\ud800": 1}', b'{"\\u0000": 1}', b"{", b"\xff"],
    ids=["repeated key", "NaN", "infinity", "lone surrogate", "NUL", "cut off", "no UTF-8"],
)
async def test_json_that_two_readers_could_read_differently_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/usual", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")

"""Every error as an answer: a page for a browser, problem details for a program, the inside for neither."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from structlog.testing import capture_logs

from amis.kernel.body import BodyLimit, StrictRoute
from amis.kernel.errors import Conflict, TooLarge, Unavailable
from amis.web.faults import answer_faults

SECRET = "Anna Ozola 32345678901"
PAGE = {"accept": "text/html,application/xhtml+xml;q=0.9"}
FAULTS: dict[str, Exception] = {
    "conflict": Conflict("already blocked"),
    "framework": HTTPException(405, "Method Not Allowed", {"allow": "GET"}),
    "operational": OperationalError("SELECT 1", {}, Exception(SECRET)),
    "interface": InterfaceError("SELECT 1", {}, Exception(SECRET)),
    "pool": PoolTimeout(SECRET),
    "unforeseen": ZeroDivisionError(SECRET),
    "unavailable": Unavailable(),
}


class Draft(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    count: int = Field(ge=0)
    names: list[str] = []


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What was logged."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    router = APIRouter(route_class=StrictRoute)

    @router.get("/fault/{name}")
    async def fault(name: str) -> None:
        raise FAULTS[name]

    @router.get("/wrapped")
    async def wrapped() -> None:
        raise HTTPException(400) from TooLarge("at most 8 bytes")

    @router.post("/draft")
    async def draft(body: Draft, page: int = 1) -> Draft:
        return body

    app = FastAPI()
    app.include_router(router)
    answer_faults(app)
    app.add_middleware(BodyLimit, limits={})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://amis.test") as http:
        yield http


async def test_an_error_of_ours_is_told_with_its_detail(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fault/conflict")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert (answer.json()["code"], answer.json()["detail"]) == ("conflict", "already blocked")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("operational", 503, "unavailable"),
        ("interface", 503, "unavailable"),
        ("pool", 503, "unavailable"),
        ("unforeseen", 500, "internal"),
    ],
)
async def test_the_inside_of_a_fault_is_told_to_nobody(
    client: httpx.AsyncClient, logged: list[Any], name: str, status: int, code: str
) -> None:
    program, person = await client.get(f"/fault/{name}"), await client.get(f"/fault/{name}", headers=PAGE)
    assert [line["log_level"] for line in logged if line["event"] != "refused"] == ["error", "error"]
    assert (program.status_code, program.json()["code"], person.status_code) == (status, code, status)
    for word in (*SECRET.split(), "SELECT", "Traceback"):
        assert word not in program.text
        assert word not in person.text


@pytest.mark.parametrize("name", FAULTS)
async def test_a_browser_gets_a_page_with_the_same_status(client: httpx.AsyncClient, name: str) -> None:
    page = await client.get(f"/fault/{name}", headers=PAGE)
    assert page.headers["content-type"].startswith("text/html")
    assert page.status_code == (await client.get(f"/fault/{name}")).status_code
    assert "<h1" in page.text


async def test_an_error_of_the_framework_keeps_its_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fault/framework")
    assert (answer.status_code, answer.headers["allow"], answer.json()["code"]) == (405, "GET", "http_405")
    assert (await client.put("/draft")).json()["code"] == "http_405"
    assert (await client.get("/none")).json()["code"] == "http_404"


async def test_an_error_of_ours_that_the_framework_wrapped_is_still_ours(client: httpx.AsyncClient) -> None:
    assert (await client.get("/wrapped")).json()["code"] == "too_large"


async def test_what_does_not_fit_is_named_by_place_and_its_value_is_not_sent_back(client: httpx.AsyncClient) -> None:
    answer = await client.post("/draft?page=x", json={"count": SECRET, "names": ["a", 7], "a/b~c": SECRET})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == {
        "/count": "int_type",
        "/names/1": "string_type",
        "/a~1b~0c": "extra_forbidden",
        "/page": "int_parsing",
    }
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"1", b'"x"', b'{"count": -1}', b'{"count": 1e3}', b'{"count": true}', b'{"Count": 1}'],
)
async def test_json_of_another_shape_is_the_caller_s_fault(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/draft", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("body", [b"[" * 60_000, b"9" * 60_000, b'{"count": 1' + b"0" * 60_000 + b"}", b"\xff\xfe{}"])
@pytest.mark.parametrize("kind", ["application/json", "application/problem+json", "text/plain", "multipart/form-data"])
async def test_no_body_is_the_service_s_fault(client: httpx.AsyncClient, body: bytes, kind: str) -> None:
    answer = await client.post("/draft", content=body, headers={"content-type": kind})
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("length", ["9" * 5_000, "65537", "0" * 5_000])
async def test_a_declared_length_is_believed_before_the_body_is_read(client: httpx.AsyncClient, length: str) -> None:
    answer = await client.post("/draft", content=b"{}", headers={"content-length": length})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

"""Errors that are nobody's in particular, as the whole application answers them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from amis.app import create
from amis.kernel.settings import Settings


@pytest.fixture
async def stranger(database: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody not signed in, whose errors are answered and not raised."""
    transport = httpx.ASGITransport(create(database), raise_app_exceptions=False)
    headers = {"sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        yield client


async def test_a_text_that_the_database_cannot_hold_is_the_callers_fault(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/sign-in", data={"email": "a\0b@example.test", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "example.test" not in answer.text


async def test_no_answer_leads_to_the_host_that_a_request_names(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/persons/", headers={"host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers

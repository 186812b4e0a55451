"""The way to the service: a fresh bearer, and what each kind of no means."""

from pathlib import Path

import httpx
import pytest

from cards.pair import pair, paired
from terminals.errors import Refused, Revoked, Unreachable
from terminals.link import Link
from tests.terminals.backend import URL, Backend

PRESENCE = "/terminal/v1/presence"


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
async def link(backend: Backend, tmp_path: Path) -> Link:
    http = backend.http()
    await pair(URL, "code", tmp_path, http)
    return Link(*paired(tmp_path), http, lambda: backend.at)


async def test_one_bearer_serves_many_requests(link: Link, backend: Backend) -> None:
    for _ in range(3):
        assert (await link.ask("GET", "/terminal/v1/manifest")).status_code == 200
    assert (backend.bearers, link.up) == (1, True)


async def test_a_bearer_that_is_no_longer_good_is_renewed_once(link: Link, backend: Backend) -> None:
    backend.faults[PRESENCE] = 401
    with pytest.raises(Refused):
        await link.ask("POST", PRESENCE, b"{}")
    assert (backend.asked.count(PRESENCE), backend.bearers) == (2, 2)


ODD, LATE = b'{"access_token":"\xc4\x81","expires_in":900}', b'{"access_token":"x","expires_in":1e99}'


@pytest.mark.parametrize("said", [b"<html>", b"[]", ODD, LATE])
async def test_an_answer_that_gives_no_bearer_is_none(link: Link, backend: Backend, said: bytes) -> None:
    backend._bearer = lambda _: httpx.Response(200, content=said)  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        await link.ask("GET", PRESENCE)


async def test_a_service_that_is_away_is_noted(link: Link, backend: Backend) -> None:
    backend.away = True
    with pytest.raises(Unreachable):
        await link.ask("GET", PRESENCE)
    assert not link.up
    backend.away = False
    await link.ask("GET", "/terminal/v1/manifest")
    assert link.up


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_busy_service_may_be_asked_again(link: Link, backend: Backend, status: int) -> None:
    backend.faults[PRESENCE] = status
    with pytest.raises(Unreachable):
        await link.ask("POST", PRESENCE)
    with pytest.raises(Unreachable):
        async with link.stream(PRESENCE):
            pass


async def test_what_the_service_says_of_a_request_is_for_whoever_asked(link: Link, backend: Backend) -> None:
    backend.faults[PRESENCE] = 422
    assert (await link.ask("POST", PRESENCE)).status_code == 422


async def test_a_terminal_that_is_suspended_is_not_let_in_and_a_revoked_one_never_again(
    link: Link, backend: Backend
) -> None:
    backend.faults["/machine/v1/token"] = 401
    with pytest.raises(Refused):
        await link.ask("GET", PRESENCE)
    backend.faults.clear()
    backend.revoked = True
    with pytest.raises(Revoked):
        await link.ask("GET", PRESENCE)
    with pytest.raises(Revoked):
        async with link.stream(PRESENCE):
            pass


async def test_a_stream_that_breaks_off_is_noted(link: Link, backend: Backend) -> None:
    async def broken():  # type: ignore[no-untyped-def]
        yield b": still here\n"
        raise httpx.ReadError("cut off")

    backend._stream = lambda _: httpx.Response(200, content=broken())  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        async with link.stream("/terminal/v1/stream") as response:
            _ = [line async for line in response.aiter_lines()]
    assert not link.up

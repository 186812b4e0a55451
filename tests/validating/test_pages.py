"""The pages of the room, as somebody of Jelgava or of Rīga sees them."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from amis.kernel.actor import Actor
from amis.kernel.errors import AmisError
from amis.kernel.problem import problem
from amis.validating import pages as pages_module
from amis.validating.pages import pages
from amis.web import assets
from tests.validating.conftest import FREE, body_of
from tests.validating.test_api import Tap
from tests.validating.town import Town

PERMISSIONS = frozenset({"person.read", "validation.read", "terminal.write"})


def site(municipality: int) -> Any:
    """The pages as somebody of that municipality has them, an ASGI application."""
    app = FastAPI(openapi_url=None)
    app.router.routes.extend(assets.routes())
    app.include_router(pages)

    def fault(_: Request, error: Exception) -> Response:
        assert isinstance(error, AmisError)
        return problem(error)

    app.add_exception_handler(AmisError, fault)
    actor = Actor("staff", "00000000-0000-0000-0000-000000000001", "Anna", municipality, "Jelgava", PERMISSIONS)

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        scope["actor"] = actor
        await app(scope, receive, send)

    return signed_in


@asynccontextmanager
async def seen_by(municipality: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages."""
    headers = {"accept-language": "lv"}
    transport = httpx.ASGITransport(site(municipality))
    async with httpx.AsyncClient(transport=transport, base_url="http://amis", headers=headers) as client:
        yield client


def words(page: str) -> str:
    """The page's text without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


async def test_taps_are_seen_by_the_holders_municipality_alone(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    await tap(terminal, holder.number)
    await town.db.execute("UPDATE token SET state = 'blocked', status = 2")
    await tap(terminal, holder.number)
    async with seen_by(2) as own, seen_by(3) as other:
        page, foreign = words((await own.get("/taps")).text), words((await other.get("/taps")).text)
    assert "Jelgavas autobusu parks, BUS-1" in page
    assert "NEEDY" in page
    assert "TOKEN_BLOCKED" in page
    assert "Jelgavas autobusu parks" not in foreign
    assert "Pārbaužu vēl nav" in foreign


async def test_the_page_speaks_english_too(town: Town, tap: Tap) -> None:
    async with seen_by(2) as own:
        page = words((await own.get("/taps?lang=en")).text)
    assert "No taps yet" in page


async def test_the_stream_sends_the_table_when_it_changes(
    town: Town, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "STREAM_LASTS", timedelta(seconds=1))
    monkeypatch.setattr(pages_module, "LOOK_EVERY", 0.2)
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    await tap(await town.add_terminal(), holder.number)
    async with seen_by(2) as own:
        answer = await own.get("/taps/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.count("event: taps\n") == 1
    assert all(line.startswith(("event: ", "data: ")) for line in answer.text.splitlines() if line)
    assert "NEEDY" in answer.text


async def test_the_taps_of_a_person_need_a_purpose_and_are_logged(
    town: Town, tap: Tap, owner_connection: AsyncConnection
) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    await tap(await town.add_terminal(), holder.number)
    async with seen_by(2) as own:
        refused = await own.get(f"/persons/{holder.person}/taps")
        answer = await own.get(f"/persons/{holder.person}/taps?purpose=check", headers={"hx-request": "true"})
    assert (refused.status_code, refused.json()["code"]) == (403, "purpose_missing")
    assert "NEEDY" in words(answer.text)
    assert "<html" not in answer.text
    found = await owner_connection.execute("SELECT reason, subject_id FROM audit WHERE action = 'person.taps.read'")
    assert await found.fetchall() == [("check", str(holder.person))]


async def test_without_a_script_the_taps_of_a_person_are_a_page_of_their_own(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    await tap(await town.add_terminal(), holder.number)
    async with seen_by(2) as own:
        page = await own.get(f"/persons/{holder.person}/taps?purpose=check")
    assert "<html" in page.text
    assert "NEEDY" in words(page.text)


async def test_the_taps_of_a_person_of_another_municipality_are_none(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    await tap(await town.add_terminal(), holder.number)
    async with seen_by(3) as other:
        answer = await other.get(f"/persons/{holder.person}/taps?purpose=check")
    assert "NEEDY" not in answer.text


async def test_a_use_taken_back_is_shown_as_such(town: Town, send: Callable[..., Any]) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    body = body_of(terminal, holder.number)
    await send(terminal, body)
    await send(terminal, {"seq": terminal.next(), "use_seq": body["seq"]}, "/v1/validations/reverse")
    async with seen_by(2) as own:
        page = words((await own.get("/taps?lang=en")).text)
    assert "Taken back" in page
    assert "Accepted" in page


async def test_where_a_person_went_takes_the_permission_to_open_persons(
    town: Town, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    await tap(await town.add_terminal(), holder.number)
    monkeypatch.setattr(f"{__name__}.PERMISSIONS", frozenset({"validation.read"}))
    async with seen_by(2) as own:
        answer = await own.get(f"/persons/{holder.person}/taps?purpose=check")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

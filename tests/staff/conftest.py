"""A municipality, an account whose password and second device we hold, and a site of this room's routes alone."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, PurposeMissing
from amis.kernel.permission import permission
from amis.kernel.problem import problem
from amis.staff import api, guard, pages, purpose, service, totp
from amis.web import assets

BASE = "http://localhost:8000"
PASSWORD = "krāsaina-ūdensroze-17"


@dataclass(frozen=True)
class Clerk:
    """An account as its owner knows it."""

    email: str
    password: str
    totp_secret: str
    tenant: Actor

    def code(self, at: datetime) -> str:
        """What the second device shows."""
        return totp.code_at(self.totp_secret, at)


@pytest.fixture
async def jelgava(owner_connection: AsyncConnection) -> Actor:
    """The system acting in a municipality."""
    await owner_connection.execute(
        "INSERT INTO municipality VALUES (1, 'LV', 'Valsts', 'State'), (2, 'JLG', 'Jelgava', 'Jelgava'),"
        " (3, 'RIX', 'Rīga', 'Riga')"
    )
    return system("test", 2)


@pytest.fixture
async def clerk(jelgava: Actor) -> Clerk:
    """A clerk of Jelgava."""
    async with transaction(jelgava) as tx:
        _, secret = await service.create_account(tx, "Anna@Example.test", "Anna Ozola", PASSWORD, ["clerk"])
    return Clerk("anna@example.test", PASSWORD, secret, jelgava)


@pytest.fixture
def app() -> FastAPI:
    """The routes of this room and one page that opens a person, behind the guard."""
    built = FastAPI(openapi_url=None)

    @built.get("/persons/{person_id}")
    @permission("person.read")
    async def person(request: Request) -> dict[str, str]:
        return {"purpose": purpose.require_purpose(request)}

    @built.get("/audit")
    @permission("audit.read")
    async def audit_page() -> dict[str, str]:
        return {}

    built.router.routes.extend(assets.routes())
    built.include_router(pages.pages)
    built.include_router(api.router)
    built.add_exception_handler(AmisError, _answer)
    guard.protect(built)
    return built


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, AmisError)
    if isinstance(error, PurposeMissing):
        return purpose.prompt(request)
    return problem(error)


@pytest.fixture
def browse(app: FastAPI) -> Callable[[], httpx.AsyncClient]:
    """Makes a browser: keeps cookies, asks for pages, says where its forms were."""

    def browser() -> httpx.AsyncClient:
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin", "accept-language": "en"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers=headers)

    return browser


@pytest.fixture
async def browser(browse: Callable[[], httpx.AsyncClient]) -> AsyncIterator[httpx.AsyncClient]:
    """One browser in which nobody is signed in."""
    async with browse() as client:
        yield client

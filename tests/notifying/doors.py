"""The doors of the room without the guard: every request comes from one member of staff."""

from uuid import UUID

from fastapi import FastAPI
from httpx import AsyncClient

from amis.concessions.seed_lv import JELGAVA
from amis.kernel.actor import Actor
from amis.notifying.pages import pages
from amis.staff.roles import role_permissions
from tests.issuing.doors import client, house


def staff(role: str, municipality: int = JELGAVA) -> Actor:
    """A member of staff with one role."""
    return Actor("staff", f"{role}-1", "Ieva Tests", municipality, "Jelgava", frozenset(role_permissions([role])))


def served(role: str, *opened: UUID, municipality: int = JELGAVA) -> FastAPI:
    """The pages as somebody with this role meets them, who has said why the persons `opened` are opened."""
    app = house(staff(role, municipality), *opened)
    app.include_router(pages)
    return app


def door(role: str, municipality: int = JELGAVA) -> AsyncClient:
    """A browser before them, in which no purpose is stated."""
    return client(served(role, municipality=municipality))

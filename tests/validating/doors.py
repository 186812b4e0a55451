"""The pages of the room as somebody of a municipality meets them, without the guard."""

from dataclasses import replace
from uuid import UUID

import httpx
from fastapi import FastAPI

from amis.kernel.actor import Actor
from amis.validating.amnesty_pages import pages as amnesty_pages
from amis.validating.conflict_pages import pages as conflict_pages
from amis.validating.dashboard_pages import pages as dashboard_pages
from amis.validating.journal_pages import pages as journal_pages
from amis.validating.machine_pages import pages as machine_pages
from amis.validating.pages import pages
from amis.validating.place_pages import pages as place_pages
from amis.validating.provider_pages import pages as provider_pages
from amis.validating.terminal_pages import pages as terminal_pages
from tests.concessions.doors import application, client

ACCOUNT = UUID("00000000-0000-0000-0000-000000000001")
ADMIN = Actor(
    "staff",
    str(ACCOUNT),
    "Anna",
    2,
    "Jelgava",
    frozenset({"conflict.read", "conflict.write", "terminal.write", "token.read", "validation.read"}),
)
READER = replace(ADMIN, permissions=frozenset({"validation.read"}))
OF_RIGA = replace(ADMIN, municipality_id=3, municipality_name="Rīga")


def house(actor: Actor = ADMIN) -> FastAPI:
    """The pages for an actor."""
    rooms = (provider_pages, place_pages, terminal_pages, journal_pages, machine_pages, conflict_pages, amnesty_pages)
    return application(actor, pages, dashboard_pages, *rooms)


def browser(actor: Actor = ADMIN) -> httpx.AsyncClient:
    """A browser in which `actor` is signed in; English, redirects are not followed."""
    return client(house(actor))

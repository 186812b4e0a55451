"""The page of one provider as it is shown after each step: what it takes, its terminals, its places."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse

from amis.concessions.models import Concession
from amis.concessions.store import list_concessions
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.validating import provider_store, terminal_store
from amis.validating.place_form import KINDS, MODES, ZONES
from amis.validating.provider_store import PAGE
from amis.validating.terminal_store import Wanted
from amis.validating.terminal_words import STANDING_LABELS
from amis.web.i18n import mark
from amis.web.pages import render

LIST = (mark("Providers"), "/providers")
PLACE_FIELDS = ("code", "name", "mode", "zone", "lat", "lon")
EVERYTHING = "all"
"""What the form says for all concessions of the municipality."""


async def own_concessions(tx: Transaction) -> list[Concession]:
    """What the acting municipality itself gives."""
    return [each for each in await list_concessions(tx) if each.municipality_id == tx.municipality_id]


async def provider_page(
    request: Request,
    actor: Actor,
    provider_id: UUID,
    *,
    find: str = "",
    page: int = 1,
    name: str = "",
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page; `name` and `given` are what was typed into its forms, `find` and `page` choose its places."""
    async with transaction(actor) as tx:
        provider = await provider_store.get_provider(tx, provider_id)
        found, count = await provider_store.some_places(tx, provider_id, find, page)
        taken, own = await provider_store.taken_by(tx, provider_id), await own_concessions(tx)
        terminals = await terminal_store.search(tx, Wanted(provider_id=provider_id))
    shown: dict[str, Any] = {"provider": provider, "name": name or provider.name, "taken": taken, "own": own}
    shown |= {"places": found, "find": find, "page": page, "count": -(-count // PAGE), "terminals": terminals}
    shown |= {"labels": STANDING_LABELS, "kinds": KINDS, "modes": MODES, "zones": ZONES}
    shown |= {"everything": EVERYTHING, "errors": errors or {}}
    shown |= {"given": dict.fromkeys(PLACE_FIELDS, "") | (given or {})}
    shown |= {"address": lambda each: f"/providers/{provider_id}?{urlencode({'find': find, 'page': each})}#places"}
    shown |= {"breadcrumbs": [LIST, (provider.name, None)], "language_url": _languages(provider_id)}
    return render(request, "validating/provider.html", actor=actor, status=422 if errors else 200, **shown)


def _languages(provider_id: UUID) -> Callable[[str], str]:
    """A form that was refused cannot be asked for again in another language: the page itself is."""
    return lambda language: f"/providers/{provider_id}?lang={language}"

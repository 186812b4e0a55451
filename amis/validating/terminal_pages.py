"""Pages of terminals: all of them with how they stand, and setting up another."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating import provider_store, terminal_store, terminals
from amis.validating.errors import PlaceOfAnotherProvider
from amis.validating.place_form import name_errors
from amis.validating.terminal_store import PAGE, STANDINGS, Wanted
from amis.validating.terminal_view import LIST
from amis.validating.terminal_words import STANDING_LABELS
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/terminals", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
LONGEST_FIND = 64
_FIELDS = ("label", "provider", "place")
_CHOOSE = mark("Choose the place")


@pages.get("")
@permission("validation.read")
async def list_terminals(
    request: Request, actor: Acting, provider: str = "", standing: str = "", find: str = "", page: int = 1
) -> HTMLResponse:
    """The terminals with their state, when they were heard of and what they hold."""
    chosen = {"provider": provider, "standing": standing if standing in STANDINGS else "", "find": find[:LONGEST_FIND]}
    number = max(page, 1)
    async with transaction(actor) as tx:
        wanted = Wanted(read_id(provider), chosen["standing"], chosen["find"], number)
        found = await terminal_store.search(tx, wanted)
        providers = await provider_store.list_providers(tx)
    return render(
        request,
        "validating/terminals.html",
        actor=actor,
        terminals=found,
        providers=[(str(each.id), each.name) for each in providers],
        chosen=chosen,
        filtered=any(chosen.values()),
        standings=[(each, STANDING_LABELS[each].text) for each in STANDINGS],
        labels=STANDING_LABELS,
        page=number,
        count=-(-found.count // PAGE),
        address=lambda each: f"/terminals?{urlencode(chosen | {'page': each})}",
    )


@pages.get("/new")
@permission("terminal.write")
async def ask_terminal(request: Request, actor: Acting, provider: str = "") -> HTMLResponse:
    """The form for a terminal: first its provider, then the rest."""
    return await _form(request, actor, {"provider": provider}, {})


@pages.post("")
@permission("terminal.write")
async def set_up(request: Request, actor: Acting) -> Response:
    """Sets a terminal up, or shows what is wrong beside the fields."""
    given = await posted(request, *_FIELDS)
    provider_id, place_id = read_id(given["provider"]), read_id(given["place"])
    errors = name_errors(given["label"], "label") | ({} if place_id else {"place": _CHOOSE})
    if errors or provider_id is None or place_id is None:
        return await _form(request, actor, given, errors)
    try:
        async with transaction(actor) as tx:
            made = await terminals.set_up(tx, given["label"], provider_id, place_id)
    except PlaceOfAnotherProvider as error:
        return await _form(request, actor, given, {"place": error.title})
    return RedirectResponse(f"/terminals/{made}?notice=created", 303)


def read_id(typed: str) -> UUID | None:
    """The identifier that a form or an address says; None for anything else."""
    try:
        return UUID(typed)
    except ValueError:
        return None


async def _form(request: Request, actor: Actor, given: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        providers = await provider_store.list_providers(tx)
        chosen = next((each for each in providers if str(each.id) == given["provider"]), None)
        places = await provider_store.all_places(tx, chosen.id) if chosen else []
    return render(
        request,
        "validating/terminal_new.html",
        actor=actor,
        status=422 if errors else 200,
        providers=[(str(each.id), each.name) for each in providers],
        provider=chosen,
        places=[(str(place.id), f"{place.code} {place.name}") for place in places],
        given=dict.fromkeys(_FIELDS, "") | given,
        errors=errors,
        breadcrumbs=[LIST, (mark("Set up a terminal"), None)],
        language_url=lambda language: f"/terminals/new?{urlencode({'provider': given['provider'], 'lang': language})}",
    )

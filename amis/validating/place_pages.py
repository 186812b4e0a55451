"""The page of a place: what it is called, what kind it is, where it lies."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating import places, provider_store
from amis.validating.models import PlaceRow
from amis.validating.place_form import MODES, ZONES, read_place
from amis.validating.provider_view import LIST, PLACE_FIELDS
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/places", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@pages.get("/{place_id}")
@permission("terminal.write")
async def show_place(request: Request, place_id: UUID, actor: Acting) -> HTMLResponse:
    """A place as it stands, to be changed."""
    return await _page(request, actor, place_id, None, {})


@pages.post("/{place_id}")
@permission("terminal.write")
async def change_place(request: Request, place_id: UUID, actor: Acting) -> Response:
    """Changes all but the code, or shows what is wrong beside the fields."""
    given = await posted(request, *PLACE_FIELDS)
    async with transaction(actor) as tx:
        place = await provider_store.get_place(tx, place_id)
        draft, errors = read_place(given, code=place.code, zone=place.zone)
        if not errors:
            await places.change_place(tx, place_id, draft)
    if errors:
        return await _page(request, actor, place_id, given, errors)
    return RedirectResponse(f"/providers/{place.provider_id}?notice=saved", 303)


async def _page(
    request: Request, actor: Actor, place_id: UUID, given: dict[str, str] | None, errors: dict[str, str]
) -> HTMLResponse:
    async with transaction(actor) as tx:
        place = await provider_store.get_place(tx, place_id)
        provider = await provider_store.get_provider(tx, place.provider_id)
    steps = [LIST, (provider.name, f"/providers/{provider.id}"), (place.code, None)]
    values = given or _values(place)
    page = {"place": place, "given": values, "errors": errors, "breadcrumbs": steps}
    # a word that was given before there was a list to choose from stays one of the choices
    page |= {"modes": {place.mode: place.mode} | dict(MODES), "zones": {place.zone or "": place.zone} | dict(ZONES)}
    return render(request, "validating/place.html", actor=actor, status=422 if errors else 200, **page)


def _values(place: PlaceRow) -> dict[str, str]:
    return {name: "" if (value := getattr(place, name)) is None else str(value) for name in PLACE_FIELDS}

"""Pages of providers: which there are, one with its places, its terminals and what it accepts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating import places, provider_store, service
from amis.validating.errors import AlreadyThere
from amis.validating.place_form import KINDS, name_errors, provider_errors, read_place
from amis.validating.provider_view import EVERYTHING, PLACE_FIELDS, own_concessions, provider_page
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/providers", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_FIELDS = ("code", "name", "kind")
NAME = "provider-name"
"""The field of another name, beside a form that has fields of a place."""
_CODE_TAKEN = mark("This code is taken")
_CHOOSE = mark("Choose one of your municipality's concessions")


@pages.get("")
@permission("validation.read")
async def list_providers(request: Request, actor: Acting) -> HTMLResponse:
    """The providers, and the form for another one."""
    return await _list(request, actor, {}, {})


@pages.post("")
@permission("terminal.write")
async def register_provider(request: Request, actor: Acting) -> Response:
    """Registers a provider, or shows what is wrong beside the fields."""
    given = await posted(request, *_FIELDS)
    errors = provider_errors(**given)
    if errors:
        return await _list(request, actor, given, errors)
    try:
        async with transaction(actor) as tx:
            made = await service.register_provider(tx, **given)
    except AlreadyThere:
        return await _list(request, actor, given, {"code": _CODE_TAKEN})
    return RedirectResponse(f"/providers/{made.id}?notice=created", 303)


@pages.get("/{provider_id}")
@permission("validation.read")
async def show_provider(
    request: Request, provider_id: UUID, actor: Acting, find: str = "", page: int = 1
) -> HTMLResponse:
    """A provider with its places, its terminals and what it accepts."""
    return await provider_page(request, actor, provider_id, find=find[:64], page=max(page, 1))


@pages.post("/{provider_id}")
@permission("terminal.write")
async def rename(request: Request, provider_id: UUID, actor: Acting) -> Response:
    """Calls a provider otherwise."""
    name = (await posted(request, NAME))[NAME]
    errors = name_errors(name, NAME)
    if errors:
        return await provider_page(request, actor, provider_id, name=name, errors=errors)
    async with transaction(actor) as tx:
        await places.rename_provider(tx, provider_id, name)
    return _back(provider_id)


@pages.post("/{provider_id}/places")
@permission("terminal.write")
async def register_place(request: Request, provider_id: UUID, actor: Acting) -> Response:
    """Registers a place of a provider, or shows what is wrong beside the fields."""
    given = await posted(request, *PLACE_FIELDS)
    draft, errors = read_place(given)
    if errors:
        return await provider_page(request, actor, provider_id, given=given, errors=errors)
    try:
        async with transaction(actor) as tx:
            await provider_store.get_provider(tx, provider_id)
            await service.register_place(
                tx, provider_id, draft.code, draft.name, draft.mode, zone=draft.zone, at=draft.at
            )
    except AlreadyThere:
        return await provider_page(request, actor, provider_id, given=given, errors={"code": _CODE_TAKEN})
    return _back(provider_id, "created")


@pages.post("/{provider_id}/accept")
@permission("terminal.write")
async def begin_accepting(request: Request, provider_id: UUID, actor: Acting) -> Response:
    """From now on the provider takes one of the municipality's concessions, or all of them."""
    return await _accept(request, actor, provider_id, begin=True)


@pages.post("/{provider_id}/stop")
@permission("terminal.write")
async def stop_accepting(request: Request, provider_id: UUID, actor: Acting) -> Response:
    """From the next tap on the provider no longer takes it."""
    return await _accept(request, actor, provider_id, begin=False)


async def _accept(request: Request, actor: Actor, provider_id: UUID, *, begin: bool) -> Response:
    wanted = (await posted(request, "concession"))["concession"]
    try:
        async with transaction(actor) as tx:
            await provider_store.get_provider(tx, provider_id)
            own = {str(concession.id): concession.id for concession in await own_concessions(tx)}
            known = wanted == EVERYTHING or wanted in own
            if known:
                await (service.accept if begin else service.stop_accepting)(tx, provider_id, own.get(wanted))
    except AlreadyThere as error:
        return await provider_page(request, actor, provider_id, errors={"concession": error.title})
    if not known:
        return await provider_page(request, actor, provider_id, errors={"concession": _CHOOSE})
    return _back(provider_id)


def _back(provider_id: UUID, notice: str = "saved") -> Response:
    return RedirectResponse(f"/providers/{provider_id}?notice={notice}", 303)


async def _list(request: Request, actor: Actor, given: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        found = await provider_store.list_providers(tx)
    page = {"providers": found, "kinds": KINDS, "given": dict.fromkeys(_FIELDS, "") | given, "errors": errors}
    return render(request, "validating/providers.html", actor=actor, status=422 if errors else 200, **page)

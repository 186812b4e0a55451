"""Pages of the classifier: the list, one concession, its groups; the forms that write it are in `editor`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions import forms, listing, service, store
from amis.concessions.card_pages import card_pages
from amis.concessions.drafts import GroupDraft
from amis.concessions.editor import editor
from amis.concessions.export_pages import export_pages
from amis.concessions.form_page import LIST, form_page
from amis.concessions.forms import Form
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import language_of, mark
from amis.web.pages import render

pages = APIRouter(prefix="/concessions", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
# routes are matched in order: their fixed words go before any id
for _router in (card_pages, export_pages, editor):
    pages.include_router(_router)


@pages.get("")
@permission("concession.read")
async def show_list(request: Request, actor: Acting) -> HTMLResponse:
    """All concessions that may be used here, by grantor and group."""
    async with transaction(actor) as tx:
        grantors = await store.grantors(tx)
        rows = await store.list_concessions(tx)
    shelves = listing.shelves(rows, grantors, language_of(request), clock.today())
    return render(request, "concessions/list.html", actor=actor, shelves=shelves)


@pages.get("/groups/new")
@permission("concession.write")
async def ask_group(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new group."""
    return _group_form(request, actor, Form({}))


@pages.post("/groups/new")
@permission("concession.write")
async def write_group(request: Request, actor: Acting) -> Response:
    """Adds a group, or renames the one with this code."""
    form = Form.of(await request.form())
    code = forms.read_code(form)
    for name in ("name_lv", "name_en"):
        if not form.get(name):
            form.errors[name] = forms.REQUIRED[name]
    if form.errors:
        return _group_form(request, actor, form)
    async with transaction(actor) as tx:
        await service.define_group(tx, GroupDraft(code, form.get("name_lv"), form.get("name_en")))
    return RedirectResponse("/concessions?notice=saved", 303)


def _group_form(request: Request, actor: Actor, form: Form) -> HTMLResponse:
    return form_page(request, actor, "group", form, breadcrumbs=[LIST, (mark("New group"), None)])


@pages.get("/{concession_id}")
@permission("concession.read")
async def show_concession(request: Request, concession_id: UUID, actor: Acting) -> HTMLResponse:
    """One concession: what it gives in plain words, why, and how that changed."""
    async with transaction(actor) as tx:
        row = await store.get_concession(tx, concession_id)
        grantors = await store.grantors(tx)
    language = language_of(request)
    name = listing.name_of(row, language)
    return render(
        request,
        "concessions/concession.html",
        actor=actor,
        breadcrumbs=[LIST, (name, None)],
        concession=row,
        name=name,
        group=listing.name_of(row.group, language),
        grantor=listing.name_of(grantors[row.municipality_id], language),
        proof=row.proof_lv if language == "lv" else row.proof_en,
        revisions=listing.revisions(row, language, clock.today()),
        own=row.municipality_id == actor.municipality_id,
    )


@pages.post("/{concession_id}/retire")
@permission("concession.write")
async def retire(request: Request, concession_id: UUID, actor: Acting) -> Response:
    """Retires a concession."""
    form = Form.of(await request.form())
    async with transaction(actor) as tx:
        await service.retire(tx, concession_id, form.get("reason"))
    return RedirectResponse(f"/concessions/{concession_id}?notice=saved", 303)

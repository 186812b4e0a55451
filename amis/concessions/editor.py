"""The pages that write a concession: a new one, its description, its terms."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions import calendars, forms, service, store
from amis.concessions.drafts import TEXTS, ConcessionDraft
from amis.concessions.form_page import LIST, crumbs, form_page, options, own
from amis.concessions.forms import Form
from amis.concessions.models import Concession
from amis.concessions.terms_form import read_terms
from amis.concessions.terms_values import draft_of, form_of
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import language_of, mark

editor = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@editor.get("/new")
@permission("concession.write")
async def ask_concession(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new concession."""
    async with transaction(actor) as tx:
        return await _new_form(tx, request, Form({"discount_kind": "free", "quota_per": "month"}))


@editor.post("/new")
@permission("concession.write")
async def write_concession(request: Request, actor: Acting) -> Response:
    """Defines a concession, or shows what is wrong beside the fields."""
    form = Form.of(await request.form())
    code, description = forms.read_code(form), forms.read_description(form)
    async with transaction(actor) as tx:
        terms = read_terms(form, await _days(tx))
    if terms is not None:
        try:
            async with transaction(actor) as tx:
                made = await service.define_concession(tx, ConcessionDraft(code, description, terms))
            return RedirectResponse(f"/concessions/{made.id}?notice=created", 303)
        except (Invalid, Conflict) as error:
            form.refuse(error)
    async with transaction(actor) as tx:
        return await _new_form(tx, request, form)


async def _new_form(tx: Transaction, request: Request, form: Form) -> HTMLResponse:
    context = {"breadcrumbs": [LIST, (mark("New concession"), None)]} | await _calendars(tx, request)
    groups = options(await store.list_groups(tx), request)
    return form_page(request, tx.actor, "new", form, groups=groups, **context)


@editor.get("/{concession_id}/edit")
@permission("concession.write")
async def ask_description(request: Request, concession_id: UUID, actor: Acting) -> HTMLResponse:
    """The form that describes a concession anew."""
    async with transaction(actor) as tx:
        row = own(await store.get_concession(tx, concession_id), actor)
        said = service.described(row, row.group.code)
        values = {name: getattr(said, name) for name in TEXTS}
        values |= {"budget": said.budget, "administration_cost": said.administration_cost or None}
        form = Form({name: str(value) for name, value in values.items() if value is not None})
        return await _edit_form(tx, request, row, form)


@editor.post("/{concession_id}/edit")
@permission("concession.write")
async def write_description(request: Request, concession_id: UUID, actor: Acting) -> Response:
    """Describes a concession anew."""
    form = Form.of(await request.form())
    description = forms.read_description(form)
    if not form.errors:
        try:
            async with transaction(actor) as tx:
                await service.describe(tx, concession_id, description)
            return RedirectResponse(f"/concessions/{concession_id}?notice=saved", 303)
        except Invalid as error:
            form.refuse(error)
    async with transaction(actor) as tx:
        row = own(await store.get_concession(tx, concession_id), actor)
        return await _edit_form(tx, request, row, form)


async def _edit_form(tx: Transaction, request: Request, row: Concession, form: Form) -> HTMLResponse:
    groups = options(await store.list_groups(tx), request)
    back = crumbs(row, request, mark("Change the description"))
    return form_page(request, tx.actor, "edit", form, breadcrumbs=back, groups=groups, concession=row)


@editor.get("/{concession_id}/terms")
@permission("concession.write")
async def ask_terms(request: Request, concession_id: UUID, actor: Acting) -> HTMLResponse:
    """The form of new terms, filled in with the newest ones but for their days."""
    async with transaction(actor) as tx:
        row = own(await store.get_concession(tx, concession_id), actor)
        form = form_of(draft_of(row.revisions[-1]), language_of(request))
        for day in ("valid_from", "last_day"):
            form.values.pop(day, None)
        return await _terms_form(tx, request, row, form)


@editor.post("/{concession_id}/terms")
@permission("concession.write")
async def write_terms(request: Request, concession_id: UUID, actor: Acting) -> Response:
    """Adds a revision of the terms."""
    form = Form.of(await request.form())
    async with transaction(actor) as tx:
        row = own(await store.get_concession(tx, concession_id), actor)
        terms = read_terms(form, await _days(tx))
    if terms is not None:
        try:
            async with transaction(actor) as tx:
                await service.revise_terms(tx, concession_id, terms)
            return RedirectResponse(f"/concessions/{concession_id}?notice=saved", 303)
        except (Invalid, Conflict) as error:
            form.refuse(error)
    async with transaction(actor) as tx:
        return await _terms_form(tx, request, row, form)


async def _terms_form(tx: Transaction, request: Request, row: Concession, form: Form) -> HTMLResponse:
    context = {"breadcrumbs": crumbs(row, request, mark("New terms"))} | await _calendars(tx, request)
    return form_page(request, tx.actor, "terms", form, concession=row, **context)


async def _calendars(tx: Transaction, request: Request) -> dict[str, Any]:
    return {"calendars": options(list(await calendars.named(tx)), request)}


async def _days(tx: Transaction) -> dict[str, Any]:
    return {one.code: one.days for one in await calendars.named(tx)}

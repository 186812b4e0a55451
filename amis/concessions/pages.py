"""Pages of the classifier: the list, one concession, and the forms that write it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions import forms, listing, service, store
from amis.concessions.drafts import UNLIMITED, ConcessionDraft, Description, GroupDraft
from amis.concessions.errors import NotTheGrantor
from amis.concessions.forms import Form
from amis.concessions.models import Concession
from amis.concessions.scope import SCOPES
from amis.concessions.wording import PER
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import language_of, mark
from amis.web.pages import render
from rules.terms import Terms

pages = APIRouter(prefix="/concessions", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LIST = (mark("Concessions"), "/concessions")


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
    crumbs = [_LIST, (mark("New group"), None)]
    return _form(request, actor, "group", form, breadcrumbs=crumbs)


@pages.get("/new")
@permission("concession.write")
async def ask_concession(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new concession."""
    async with transaction(actor) as tx:
        return await _new_form(tx, request, Form({"discount_kind": "free", "quota_per": "month"}))


@pages.post("/new")
@permission("concession.write")
async def write_concession(request: Request, actor: Acting) -> Response:
    """Defines a concession, or shows what is wrong beside the fields."""
    form = Form.of(await request.form())
    code, description = forms.read_code(form), forms.read_description(form)
    terms = forms.read_terms(form, UNLIMITED)
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
    crumbs = [_LIST, (mark("New concession"), None)]
    groups = await store.list_groups(tx)
    return _form(request, tx.actor, "new", form, breadcrumbs=crumbs, groups=_options(groups, request))


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
        breadcrumbs=[_LIST, (name, None)],
        concession=row,
        name=name,
        group=listing.name_of(row.group, language),
        grantor=listing.name_of(grantors[row.municipality_id], language),
        proof=row.proof_lv if language == "lv" else row.proof_en,
        revisions=listing.revisions(row, language, clock.today()),
        own=row.municipality_id == actor.municipality_id,
    )


@pages.get("/{concession_id}/edit")
@permission("concession.write")
async def ask_description(request: Request, concession_id: UUID, actor: Acting) -> HTMLResponse:
    """The form that describes a concession anew."""
    async with transaction(actor) as tx:
        row = await _own(tx, concession_id)
        said = service.described(row, row.group.code)
        form = Form({name: getattr(said, name) for name in Description.__slots__})
        return await _edit_form(tx, request, row, form)


@pages.post("/{concession_id}/edit")
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
        return await _edit_form(tx, request, await _own(tx, concession_id), form)


async def _edit_form(tx: Transaction, request: Request, row: Concession, form: Form) -> HTMLResponse:
    groups = _options(await store.list_groups(tx), request)
    crumbs = _crumbs(row, request, mark("Change the description"))
    return _form(request, tx.actor, "edit", form, breadcrumbs=crumbs, groups=groups, concession=row)


@pages.get("/{concession_id}/terms")
@permission("concession.write")
async def ask_terms(request: Request, concession_id: UUID, actor: Acting) -> HTMLResponse:
    """The form of new terms, filled in with the newest ones."""
    async with transaction(actor) as tx:
        row = await _own(tx, concession_id)
    newest = row.revisions[-1]
    discount, quota = newest.discount, newest.quota or {"n": "", "per": "month"}
    values = {"discount_kind": discount["kind"], "discount_value": discount.get("value", "")}
    values |= {"quota_n": str(quota["n"]), "quota_per": quota["per"]}
    return _terms_form(request, actor, row, Form(values, list(newest.terms.get("zones", ()))))


@pages.post("/{concession_id}/terms")
@permission("concession.write")
async def write_terms(request: Request, concession_id: UUID, actor: Acting) -> Response:
    """Adds a revision of the terms; limits that the form does not show go on as they were."""
    form = Form.of(await request.form())
    async with transaction(actor) as tx:
        row = await _own(tx, concession_id)
    terms = forms.read_terms(form, Terms.from_json(row.revisions[-1].terms))
    if terms is not None:
        try:
            async with transaction(actor) as tx:
                await service.revise_terms(tx, concession_id, terms)
            return RedirectResponse(f"/concessions/{concession_id}?notice=saved", 303)
        except (Invalid, Conflict) as error:
            form.refuse(error)
    return _terms_form(request, actor, row, form)


def _terms_form(request: Request, actor: Actor, row: Concession, form: Form) -> HTMLResponse:
    crumbs = _crumbs(row, request, mark("New terms"))
    return _form(request, actor, "terms", form, breadcrumbs=crumbs, concession=row)


@pages.post("/{concession_id}/retire")
@permission("concession.write")
async def retire(request: Request, concession_id: UUID, actor: Acting) -> Response:
    """Retires a concession."""
    form = Form.of(await request.form())
    async with transaction(actor) as tx:
        await service.retire(tx, concession_id, form.get("reason"))
    return RedirectResponse(f"/concessions/{concession_id}?notice=saved", 303)


async def _own(tx: Transaction, concession_id: UUID) -> Concession:
    row = await store.get_concession(tx, concession_id)
    if row.municipality_id != tx.municipality_id:
        raise NotTheGrantor
    return row


def _crumbs(row: Concession, request: Request, label: str) -> list[tuple[str, str | None]]:
    return [_LIST, (listing.name_of(row, language_of(request)), f"/concessions/{row.id}"), (label, None)]


def _options(groups: list[Any], request: Request) -> list[tuple[str, str]]:
    return [(group.code, listing.name_of(group, language_of(request))) for group in groups]


def _form(request: Request, actor: Actor, name: str, form: Form, **context: Any) -> HTMLResponse:
    return render(
        request,
        f"concessions/{name}.html",
        actor=actor,
        status=422 if form.errors else 200,
        form=form,
        errors=form.errors,
        kinds=forms.KINDS,
        scopes=SCOPES,
        periods=PER,
        **context,
    )

"""The pages on which a version of a rule is written: the builder, its table and JSON, the made-up person, the cases."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.errors import NotTheGrantor
from amis.granting import store
from amis.granting.condition_form import Posted
from amis.granting.draft_saving import save
from amis.granting.editor import FIRST, Editor, press, read_editor
from amis.granting.editor_page import editor_page
from amis.granting.editor_steps import kept_case, of_version
from amis.granting.editor_views import Settled, settled, turned
from amis.granting.errors import VersionStateWrong
from amis.granting.store import RuleView
from amis.granting.table_form import TableDraft
from amis.granting.written_version import Where
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.web.i18n import language_of

pages = APIRouter(prefix="/rules", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@pages.get("/new")
@permission("rule.write")
async def ask_rule(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new rule; `concession` in the address chooses one."""
    values = {**FIRST, "concession_code": request.query_params.get("concession", "")}
    return await editor_page(request, actor, Where(), _fresh(Editor(values)))


@pages.post("/new")
@permission("rule.write")
async def write_rule(request: Request, actor: Acting) -> Response:
    """Changes the form by one step, or saves a new draft."""
    return await _write(request, actor, Where())


@pages.get("/{rule_id}/versions/new")
@permission("rule.write")
async def ask_version(request: Request, rule_id: UUID, actor: Acting) -> HTMLResponse:
    """The form of a further version, filled in with the newest one."""
    rule = await _own_rule(actor, rule_id)
    editor = of_version(rule, rule.versions[0].version, language_of(request), further=True)
    return await editor_page(request, actor, Where(rule), _fresh(editor))


@pages.post("/{rule_id}/versions/new")
@permission("rule.write")
async def write_version(request: Request, rule_id: UUID, actor: Acting) -> Response:
    """Changes the form by one step, or saves the draft of a further version."""
    rule = await _own_rule(actor, rule_id)
    return await _write(request, actor, Where(rule))


@pages.get("/{rule_id}/versions/{version}/edit")
@permission("rule.write")
async def ask_draft(request: Request, rule_id: UUID, version: int, actor: Acting) -> HTMLResponse:
    """The form of a draft."""
    rule = await _own_rule(actor, rule_id)
    editor = of_version(rule, version, language_of(request))
    if next(row for row in rule.versions if row.version == version).published_at is not None:
        raise VersionStateWrong
    return await editor_page(request, actor, Where(rule, version), _fresh(editor))


@pages.post("/{rule_id}/versions/{version}/edit")
@permission("rule.write")
async def write_draft(request: Request, rule_id: UUID, version: int, actor: Acting) -> Response:
    """Changes the form by one step, or saves the draft."""
    rule = await _own_rule(actor, rule_id)
    return await _write(request, actor, Where(rule, version))


async def _own_rule(actor: Actor, rule_id: UUID) -> RuleView:
    async with transaction(actor) as tx:
        rule = await store.get_rule(tx, rule_id)
    if rule.names.grantor_id != actor.municipality_id:
        raise NotTheGrantor
    return rule


def _fresh(editor: Editor) -> Settled:
    return Settled(editor, TableDraft())


async def _write(request: Request, actor: Actor, where: Where) -> Response:
    posted = Posted.of(await request.body())
    async with transaction(actor) as tx:
        vocabulary = await register.vocabulary(tx)
    now = settled(press(read_editor(posted), posted), vocabulary)
    verb, _, what = posted.get("do").partition(":")
    if verb == "view":
        turned_to = turned(now.editor, what, vocabulary)
        now = settled(turned_to, vocabulary) if turned_to.view == "table" else Settled(turned_to, now.table)
    elif verb == "keep":
        now = Settled(kept_case(now.editor), now.table)
    elif verb == "save":
        saved = await save(actor, where, now.editor, vocabulary)
        if isinstance(saved, str):
            return RedirectResponse(saved, 303)
        return await editor_page(request, actor, where, Settled(saved, now.table), status=422)
    return await editor_page(request, actor, where, now)

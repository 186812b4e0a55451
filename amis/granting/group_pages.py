"""Pages of groups: all of them, a new one, who is on a list, and putting somebody on it or taking them off."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.granting import service
from amis.granting.code_entry import person_with_code
from amis.granting.glossary import glossary
from amis.granting.service import Cause
from amis.granting.words import Phrase, said
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import AmisError, Conflict, Invalid, TooManyRequests
from amis.kernel.permission import permission
from amis.register import roster
from amis.register import service as register_service
from amis.register import store as register
from amis.register.errors import GroupTaken, PersonUnknown
from amis.register.models import PersonGroup
from amis.register.service import GroupDraft
from amis.staff.guard import current_actor
from amis.web.formats import parse_day
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted
from sync.errors import SyncError
from sync.strict_json import strict_json

pages = APIRouter(prefix="/groups", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
LIST = (mark("Groups"), "/groups")
_LONGEST = 200
_GROUP_FIELDS = ("code", "name_lv", "name_en", "legal_name", "condition")
_JOIN_FIELDS = ("join_code", "valid_from", "valid_to")
_LEAVE_FIELDS = ("leave_code", "leave_day")
_DAY = mark("Enter a day such as 31/05/2026")


@pages.get("")
@permission("group.read")
async def list_groups(request: Request, actor: Acting, q: str = "") -> HTMLResponse:
    """The groups, those with a text in their names if one is asked for."""
    async with transaction(actor) as tx:
        groups = await roster.list_groups(tx, tx.day, q.strip()[:_LONGEST])
    return render(request, "granting/groups.html", actor=actor, groups=groups, query=q.strip()[:_LONGEST])


@pages.get("/new")
@permission("group.write")
async def ask_group(request: Request, actor: Acting) -> HTMLResponse:
    """The form of a new group."""
    return _group_form(request, actor, {}, {})


@pages.post("/new")
@permission("group.write")
async def define(request: Request, actor: Acting) -> Response:
    """Makes a group. One that is there is not changed here, as rules that others approved may rest on it."""
    values = await posted(request, *_GROUP_FIELDS)
    try:
        condition = strict_json(values["condition"].encode()) if values["condition"] else None
    except SyncError:
        return _group_form(request, actor, values, {"condition": mark("This is not JSON")})
    draft = GroupDraft(values["code"], values["name_lv"], values["name_en"], condition, values["legal_name"])
    try:
        async with transaction(actor) as tx:
            if values["code"] in {one.row.code for one in await roster.list_groups(tx, tx.day)}:
                raise GroupTaken(values["code"], pointer="/code")
            group_id = await register_service.define_group(tx, draft)
    except (Invalid, Conflict) as error:
        field = error.pointer.strip("/").partition("/")[0] or "code"
        return _group_form(request, actor, values, {field: error.title}, error.detail if field == "condition" else "")
    return RedirectResponse(f"/groups/{group_id}?notice=created", 303)


def _group_form(
    request: Request, actor: Actor, values: dict[str, str], errors: dict[str, str], place: str = ""
) -> HTMLResponse:
    return render(
        request,
        "granting/group_new.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[LIST, (mark("New group"), None)],
        values={name: values.get(name, "") for name in _GROUP_FIELDS},
        errors=errors,
        place=place,
    )


@pages.get("/{group_id}")
@permission("group.read")
async def show(request: Request, group_id: UUID, actor: Acting, page: int = 1) -> HTMLResponse:
    """One group: its condition in words, or who is on its list."""
    return await _group_page(request, actor, group_id, {}, {}, page)


@pages.post("/{group_id}/join")
@permission("fact.write")
async def join(request: Request, group_id: UUID, actor: Acting) -> Response:
    """Puts a person on the list."""
    values = await posted(request, *_JOIN_FIELDS)
    first, errors = _day(values, "valid_from")
    last, wrong = _day(values, "valid_to") if values["valid_to"] else (None, {})
    errors |= wrong
    if not errors and first is not None:
        try:
            async with transaction(actor) as tx:
                group = (await roster.get_group(tx, group_id, first)).row
                person_id = await person_with_code(tx, values["join_code"])
                end = None if last is None else _after(last)
                await service.join_and_regrant(tx, person_id, group.code, first, end, Cause("list", group.code))
        except (Invalid, Conflict, PersonUnknown, TooManyRequests) as error:
            errors = _beside(error, "join_code")
    return await _answered(request, actor, group_id, values, errors)


@pages.post("/{group_id}/leave")
@permission("fact.write")
async def leave(request: Request, group_id: UUID, actor: Acting) -> Response:
    """Takes a person off the list."""
    values = await posted(request, *_LEAVE_FIELDS)
    first_without, errors = _day(values, "leave_day")
    if first_without is not None:
        try:
            async with transaction(actor) as tx:
                group = (await roster.get_group(tx, group_id, first_without)).row
                person_id = await person_with_code(tx, values["leave_code"])
                cause = Cause("list", group.code)
                await service.leave_and_regrant(tx, person_id, group.code, first_without, cause)
        except (Invalid, Conflict, PersonUnknown, TooManyRequests) as error:
            errors = _beside(error, "leave_code")
    return await _answered(request, actor, group_id, values, errors)


async def _answered(
    request: Request, actor: Actor, group_id: UUID, values: dict[str, str], errors: dict[str, str]
) -> Response:
    if errors:
        return await _group_page(request, actor, group_id, values, errors, 1)
    return RedirectResponse(f"/groups/{group_id}?notice=saved", 303)


async def _group_page(
    request: Request, actor: Actor, group_id: UUID, values: dict[str, str], errors: dict[str, str], page: int
) -> HTMLResponse:
    async with transaction(actor) as tx:
        group = await roster.get_group(tx, group_id, tx.day)
        readable = group.row.condition is None and actor.may("person.read")
        members, count = await roster.members(tx, group_id, max(page, 1)) if readable else ([], 0)
        condition = await _in_words(tx, group.row)
    context: dict[str, Any] = {"group": group, "members": members, "readable": readable, "condition": condition}
    return render(
        request,
        "granting/group.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=[LIST, (group.row.code, None)],
        page=max(page, 1),
        count=count,
        values={name: values.get(name, "") for name in (*_JOIN_FIELDS, *_LEAVE_FIELDS)},
        errors=errors,
        **context,
    )


async def _in_words(tx: Transaction, group: PersonGroup) -> Phrase | None:
    condition = (await register.vocabulary(tx)).definitions.get(group.code)
    return None if condition is None else said(condition, await glossary(tx))


def _after(last: date) -> date | None:
    return None if last == date.max else date.fromordinal(last.toordinal() + 1)


def _day(values: dict[str, str], name: str) -> tuple[date | None, dict[str, str]]:
    try:
        return parse_day(values[name]), {}
    except ValueError:
        return None, {name: _DAY}


def _beside(error: AmisError, field: str) -> dict[str, str]:
    place = error.pointer.strip("/")
    return {place if place in _JOIN_FIELDS else field: error.title}

"""Pages by which a list goes to a group: the file, what it would do, and doing it."""

from asyncio import to_thread
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.granting import service
from amis.granting.group_pages import LIST
from amis.granting.service import Cause
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Malformed
from amis.kernel.permission import permission
from amis.register import roster, sheet
from amis.register import store as register
from amis.register.errors import GroupNotList, ListBusy, ListChanged, ListTooLong, ListUnreadable
from amis.register.list_preview import preview
from amis.register.listing import Change, Judged, ListDiff, Mode, Verdict, digits_in
from amis.register.roster import GroupLine
from amis.register.sheet import MOST_ROWS, Line
from amis.register.store import PersonSummary
from amis.staff.guard import current_actor
from amis.web.formats import parse_day
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted, posted_file
from sync.personal_code import mask

pages = APIRouter(prefix="/groups", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a list, and of its rows sent back to be applied."""
ADDRESSES = ("/groups/import", "/groups/import/apply")
"""The paths that take so much."""
_SHOWN = 50  # rows and persons of each sort; the rest are counted
_USEFUL = (Verdict.OK, Verdict.UNCHANGED)
_FIELDS = ("group", "mode", "since")
MODES = {
    Mode.DELTA: (mark("Additions"), mark("Whoever is not on it stays as they are")),
    Mode.WHOLE: (mark("The whole list"), mark("Whoever is not on it leaves the group from that day on")),
}
VERDICTS = {
    Verdict.OK: mark("will be entered"),
    Verdict.UNCHANGED: mark("on the list already"),
    Verdict.UNKNOWN: mark("not in the register"),
    Verdict.BAD_CODE: mark("not a personal code"),
    Verdict.BAD_PERIOD: mark("not a period"),
    Verdict.DUPLICATE: mark("in the file already"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list would do, as the page shows it."""

    diff: ListDiff
    verdicts: dict[Verdict, int]
    faults: list[tuple[int, str, str]]
    persons: dict[UUID, PersonSummary]
    joining: list[Change]
    leaving: list[Change]
    rows: str


@pages.get("/{group_id}/import")
@permission("fact.write")
async def ask_list(request: Request, group_id: UUID, actor: Acting) -> HTMLResponse:
    """The form that takes the file."""
    async with transaction(actor) as tx:
        group = await roster.get_group(tx, group_id, tx.day)
    if group.row.condition is not None:
        raise GroupNotList
    return _form(request, actor, group, {}, {})


@pages.post("/import")
@permission("fact.write")
async def show_list(request: Request, actor: Acting) -> Response:
    """What the list in the file would do; nothing is changed."""
    values = await posted(request, *_FIELDS)
    content = await posted_file(request)
    since, errors = _checked(values, content)
    lines: list[Line] = []
    try:
        # a workbook takes a second or more, and taps are answered meanwhile
        lines = await to_thread(sheet.read, content) if content else []
    except (ListUnreadable, ListTooLong) as error:
        errors["file"] = error.title
    async with transaction(actor) as tx:
        group = await roster.get_group(tx, _group_id(values), tx.day)
        if errors or since is None:
            return _form(request, actor, group, values, errors)
        shown = await _shown(tx, group, lines, Mode(values["mode"]), since)
    return _preview(request, actor, group, values, shown, {})


@pages.post("/import/apply")
@permission("fact.write")
async def apply_list(request: Request, actor: Acting) -> Response:
    """Does what was shown; where that has changed meanwhile, shows anew what it would do."""
    values = await posted(request, *_FIELDS, "expected", "rows")
    group_id, (lines, mode, since) = _group_id(values), _sent(values)
    try:
        async with transaction(actor) as tx:
            group = await roster.get_group(tx, group_id, tx.day)
            cause, expected = Cause("list", group.row.code), values["expected"] or "nothing shown"
            done = await service.apply_list(tx, group.row.code, lines, mode, since, cause, expected=expected)
    except (ListChanged, ListBusy) as error:
        async with transaction(actor) as tx:
            group = await roster.get_group(tx, group_id, tx.day)
            shown = await _shown(tx, group, lines, mode, since)
        return _preview(request, actor, group, values, shown, {"": error.title})
    notice = "list-going-on" if done.later else "list-applied"
    return RedirectResponse(f"/groups/{group_id}?notice={notice}", 303)


def _group_id(values: dict[str, str]) -> UUID:
    try:
        return UUID(values["group"])
    except ValueError as error:
        raise Malformed from error


def _checked(values: dict[str, str], content: bytes) -> tuple[date | None, dict[str, str]]:
    errors: dict[str, str] = {}
    if not content:
        errors["file"] = mark("Choose a file")
    if values["mode"] not in set(Mode):
        errors["mode"] = mark("Say what the list is")
    try:
        return parse_day(values["since"]), errors
    except ValueError:
        return None, errors | {"since": mark("Enter a day such as 31/05/2026")}


def _sent(values: dict[str, str]) -> tuple[list[Line], Mode, date]:
    rows = values["rows"].splitlines()[:MOST_ROWS]
    try:
        lines = [Line(number, *row.split(";", 2)) for number, row in enumerate(rows, start=1)]
        return lines, Mode(values["mode"]), parse_day(values["since"])
    except (TypeError, ValueError) as error:
        raise Malformed from error


async def _shown(tx: Transaction, group: GroupLine, lines: Sequence[Line], mode: Mode, since: date) -> Shown:
    diff = await preview(tx, group.row.code, lines, mode, since)
    joining = [each for each in diff.changes if each.joined][:_SHOWN]
    leaving = [each for each in diff.changes if each.left][:_SHOWN]
    persons = await register.summaries(tx, {each.person_id for each in (*joining, *leaving)})
    useful = [one for one in diff.rows if one.verdict in _USEFUL]
    faults = [_fault(one) for one in diff.rows if one.verdict not in _USEFUL][:_SHOWN]
    rows = "\n".join(f"{one.line.code};{one.line.first};{one.line.last}" for one in useful)
    return Shown(diff, Counter(one.verdict for one in diff.rows), faults, persons, joining, leaving, rows)


def _fault(one: Judged) -> tuple[int, str, str]:
    digits = digits_in(one.line)
    return one.line.number, mask(digits) if digits else "", VERDICTS[one.verdict]


def _form(
    request: Request, actor: Actor, group: GroupLine, values: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    return render(
        request,
        "granting/list_form.html",
        actor=actor,
        status=422 if errors else 200,
        breadcrumbs=_crumbs(group),
        group=group,
        modes=MODES,
        values={"mode": Mode.DELTA, "since": ""} | {name: value for name, value in values.items() if value},
        errors=errors,
        **_language_link(request, group),
    )


def _preview(
    request: Request, actor: Actor, group: GroupLine, values: dict[str, str], shown: Shown, errors: dict[str, str]
) -> HTMLResponse:
    return render(
        request,
        "granting/list_preview.html",
        actor=actor,
        status=409 if errors else 200,
        breadcrumbs=_crumbs(group),
        group=group,
        values=values,
        shown=shown,
        verdict_texts=VERDICTS,
        mode=MODES[Mode(values["mode"])],
        most=_SHOWN,
        errors=errors,
        **_language_link(request, group),
    )


def _crumbs(group: GroupLine) -> list[tuple[str, str | None]]:
    return [LIST, (group.row.code, f"/groups/{group.row.id}"), (mark("Import of a list"), None)]


def _language_link(request: Request, group: GroupLine) -> dict[str, Any]:
    """An answer to a posted file cannot be asked for again: another language begins with the form."""
    if request.method == "GET":
        return {}
    return {"language_url": lambda language: f"/groups/{group.row.id}/import?lang={language}"}

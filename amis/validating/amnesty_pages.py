"""The page of amnesties: declared for some days with a reason, ended early."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating import amnesty
from amis.validating.conflict_pages import LONGEST_NOTE, NOTE
from amis.web.formats import parse_day
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/amnesties", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_FIELDS = ("from_day", "last_day", "note")
_DAY = mark("Enter a day such as 31/05/2026")
_FIELD_OF = {"until_day": "last_day"}
"""The service speaks of the first day after, the form of the last one."""


@pages.get("")
@permission("conflict.read")
async def list_amnesties(request: Request, actor: Acting) -> HTMLResponse:
    """The amnesties of the municipality, and the form for another one."""
    return await _page(request, actor, {}, {})


@pages.post("")
@permission("conflict.write")
async def declare(request: Request, actor: Acting) -> Response:
    """Declares an amnesty, or shows what is wrong beside the fields."""
    given = await posted(request, *_FIELDS)
    first, last = _day(given["from_day"]), _day(given["last_day"])
    errors = {name: _DAY for name, day in (("from_day", first), ("last_day", last)) if day is None}
    errors |= {} if 0 < len(given["note"]) <= LONGEST_NOTE else {"note": NOTE}
    if errors or first is None or last is None:
        return await _page(request, actor, given, errors)
    try:
        async with transaction(actor) as tx:
            await amnesty.declare_amnesty(tx, first, last + timedelta(days=1), given["note"])
    except Invalid as error:
        field = error.pointer.strip("/")
        return await _page(request, actor, given, {_FIELD_OF.get(field, field): error.title})
    return RedirectResponse("/amnesties?notice=saved", 303)


@pages.post("/{amnesty_id}/end")
@permission("conflict.write")
async def end(request: Request, amnesty_id: UUID, actor: Acting) -> Response:
    """Ends an amnesty: today is no day of it any more."""
    try:
        async with transaction(actor) as tx:
            await amnesty.end_amnesty(tx, amnesty_id)
    except Conflict as error:
        return await _page(request, actor, {}, {"": error.title})
    return RedirectResponse("/amnesties?notice=saved", 303)


def _day(typed: str) -> date | None:
    try:
        # the day after the last one has to be a day too
        return min(parse_day(typed), date.max - timedelta(days=1))
    except ValueError:
        return None


async def _page(request: Request, actor: Actor, given: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        found, today = await amnesty.amnesties(tx), tx.day
    return render(
        request,
        "validating/amnesties.html",
        actor=actor,
        status=422 if errors else 200,
        amnesties=found,
        today=today,
        longest=amnesty.LONGEST.days,
        given=dict.fromkeys(_FIELDS, "") | given,
        errors=errors,
        language_url=lambda language: f"/amnesties?lang={language}",
    )

"""The page on which a clerk sees and writes down how a person is reached."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.notifying import contacts
from amis.notifying.contacts import FIELDS, Reach
from amis.notifying.kinds import CHANNELS
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.web.i18n import LANGUAGES, mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@pages.get("/persons/{person_id}/contacts")
@permission("person.read")
async def show_contacts(request: Request, person_id: UUID, actor: Acting) -> HTMLResponse:
    """How a person is reached, for a stated purpose."""
    return await _page(request, actor, person_id)


@pages.post("/persons/{person_id}/contacts")
@permission("person.write")
async def keep_contacts(request: Request, person_id: UUID, actor: Acting) -> Response:
    """Writes it down, or shows what is wrong beside the fields."""
    values = await posted(request, *FIELDS, "language", "channel")
    typed = Reach(**values)
    require_purpose(request)
    try:
        async with transaction(actor) as tx:
            await contacts.keep(tx, person_id, typed)
    except (Invalid, Conflict) as error:
        errors = {error.pointer.strip("/") or "email": error.title}
        return await _page(request, actor, person_id, typed, errors, error.status)
    return RedirectResponse(f"/persons/{person_id}/contacts?notice=saved", 303)


async def _page(
    request: Request,
    actor: Actor,
    person_id: UUID,
    typed: Reach | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    purpose = require_purpose(request)
    async with transaction(actor) as tx:
        person = await register.open_person(tx, person_id, purpose)
        row = await contacts.contact_of(tx, person_id)
        known = contacts.opened(await register.get_person(tx, person_id), row)
    shown: dict[str, Any] = {
        "breadcrumbs": [(mark("Persons"), "/persons"), (mark("Person"), f"/persons/{person_id}"), (_TITLE, None)],
        "person": person,
        "reach": typed or known or Reach(),
        "changed_at": row.changed_at if row else None,
        "channels": CHANNELS,
        "spoken": LANGUAGES,
        "errors": errors or {},
    }
    return render(request, "notifying/contacts.html", actor=actor, status=status, **shown)


_TITLE = mark("How the person is reached")

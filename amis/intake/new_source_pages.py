"""The page that adds a source."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake.errors import SenderExists
from amis.intake.new_source import add_source, faults
from amis.intake.page import NOTICES, intake_page
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.posted import posted
from sync.mapping import Mapping
from sync.sopa import STATUSES

pages = APIRouter(prefix="/sources/new", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_FIELDS = ("source", "label", "statuses")
SOPA = "sopa"


@pages.get("")
@permission("intake.write")
async def ask_source(request: Request, actor: Acting) -> HTMLResponse:
    """The empty form."""
    return _form(request, actor, dict.fromkeys(_FIELDS, ""), {}, 200)


@pages.post("")
@permission("intake.write")
async def take_source(request: Request, actor: Acting) -> Response:
    """Adds the source and leads to its page, where it gets its key and its machine."""
    given = await posted(request, *_FIELDS)
    statuses = STATUSES if given["statuses"] == SOPA else {}
    try:
        async with transaction(actor) as tx:
            sender = await add_source(tx, given["label"], Mapping(given["source"], statuses))
    except Invalid as error:
        every = faults(given["source"], given["label"]) or [error]
        return _form(request, actor, given, {one.pointer.strip("/"): one.title for one in every}, error.status)
    except SenderExists as error:
        return _form(request, actor, given, {"source": error.title}, error.status)
    return RedirectResponse(f"/notices/sources/{sender.id}?notice=saved", 303)


def _form(request: Request, actor: Actor, given: dict[str, str], errors: dict[str, str], status: int) -> HTMLResponse:
    return intake_page(
        request,
        actor,
        "source_new",
        status,
        breadcrumbs=[NOTICES, (mark("Add a source"), None)],
        given=given,
        copied=[SOPA] if given["statuses"] == SOPA else [],
        errors=errors,
        language_url=lambda language: f"/notices/sources/new?lang={language}",
    )

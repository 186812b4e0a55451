"""Pages of what terminals have not sent: gaps in their journals, and units that are set aside for them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating.errors import ReserveUnknown
from amis.validating.gaps import gap_report
from amis.validating.reserve_store import open_reserves, release_reserve
from amis.validating.terminal_view import LIST, do
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/terminals", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@pages.get("/gaps")
@permission("validation.read")
async def show_gaps(request: Request, actor: Acting) -> HTMLResponse:
    """The terminals from which something is missing."""
    async with transaction(actor) as tx:
        found = [journal for journal in await gap_report(tx) if journal.missing or journal.behind]
    steps = [LIST, (mark("Gaps"), None)]
    return render(request, "validating/gaps.html", actor=actor, journals=found, breadcrumbs=steps)


@pages.post("/{terminal_id}/reserves/{reserve_id}/release")
@permission("conflict.write")
async def release(request: Request, terminal_id: UUID, reserve_id: UUID, actor: Acting) -> Response:
    """Gives the unused units of a reserve back, as of a terminal that will never come back."""
    note = (await posted(request, "note"))["note"]

    async def give_back(tx: Transaction) -> None:
        if reserve_id not in {reserve.id for reserve in await open_reserves(tx, terminal_id)}:
            raise ReserveUnknown
        await release_reserve(tx, reserve_id, note)

    return await do(request, actor, terminal_id, give_back)

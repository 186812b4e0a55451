"""The page of taps with somebody else's token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.reporting.misuse import MOST, misuse
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from cards.number import readable_number

pages = APIRouter(prefix="/reports/misuse", include_in_schema=False)
WHY = {
    "deceased": mark("The holder has died"),
    "lost": mark("Reported as lost"),
    "stolen": mark("Reported as stolen"),
    "misuse": mark("Blocked for misuse"),
}


@pages.get("")
@permission("recovery.read")
async def show_misuse(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> HTMLResponse:
    """The newest such taps; no names are shown."""
    async with transaction(actor) as tx:
        found = await misuse(tx)
    return render(
        request,
        "reporting/misuse.html",
        actor=actor,
        breadcrumbs=[(mark("Reports"), "/reports"), (mark("Misuse"), None)],
        taps=found,
        why=WHY,
        most=MOST,
        readable=readable_number,
    )

"""The page of observed use, from which versions of rules are simulated."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.reporting.observed import Observed, Unpublished, looked_back_on, observed, unpublished
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render

pages = APIRouter(prefix="/reports/observed", include_in_schema=False)


@pages.get("")
@permission("report.read")
async def show_observed(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> HTMLResponse:
    """Uses for each holder-day of each concession, with links that simulate what is not published yet by them."""
    today = clock.today()
    async with transaction(actor) as tx:
        found, waiting = await observed(tx, today), await unpublished(tx)
    first, after = looked_back_on(today)
    return render(
        request,
        "reporting/observed.html",
        actor=actor,
        breadcrumbs=[(mark("Reports"), "/reports"), (mark("Observed use"), None)],
        first=first,
        after=after,
        lines=[(one, _links(one, waiting)) for one in found],
    )


def _links(one: Observed, waiting: list[Unpublished]) -> list[tuple[str, str]]:
    """Text and address of the simulation of each version that is not in force yet."""
    if one.price is None:
        return []
    asked = urlencode({"uses": one.uses_per_day, "gross": one.price})
    own = [each for each in waiting if each.concession_id == one.id]
    return [
        (f"{each.rule} v{each.version}", f"/rules/{each.rule_id}/versions/{each.version}/simulation?{asked}")
        for each in own
    ]

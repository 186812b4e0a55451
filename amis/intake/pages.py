"""Pages of notices: who sends and how it goes; below it sources, files of rows and the quarantine."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.intake import (
    batch_pages,
    correction_pages,
    freshness,
    new_source_pages,
    overview,
    quarantine_pages,
    source_pages,
    store,
    waiting,
)
from amis.intake.page import intake_page
from amis.intake.waiting import Wanted
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor

pages = APIRouter(prefix="/notices", include_in_schema=False)
REFUSED = "refused"
_FIRST = 10
"""Notices of the quarantine that the overview shows."""


@pages.get("")
@permission("intake.read")
async def show_notices(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> HTMLResponse:
    """Sources with their health and lag, freshness, what waits, and the last hundred arrivals or refusals."""
    refused = request.query_params.get("show") == REFUSED
    async with transaction(actor) as tx:
        sources = await overview.sources(tx)
        held, waiting_count = await waiting.held(tx, Wanted())
        arrivals = await store.arrivals(tx, refused_only=refused)
        fresh = await freshness.freshness(tx)
    return intake_page(
        request,
        actor,
        "list",
        sources=sources,
        fresh=fresh,
        held=held[:_FIRST],
        waiting=waiting_count,
        arrivals=arrivals,
        labels={one.sender.id: one.sender.label for one in sources},
        refused=refused,
        at=tx.at,
    )


# The page that adds one comes first: `new` is no source's id.
for part in (new_source_pages, source_pages, batch_pages, quarantine_pages, correction_pages):
    pages.include_router(part.pages)

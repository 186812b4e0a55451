"""Pages of taps: as they happen, and those of one person inside the person's page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from amis.kernel import audit, clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Forbidden
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.staff.purpose import require_purpose
from amis.validating import store
from amis.web.environment import environment
from amis.web.events import event
from amis.web.i18n import language_of
from amis.web.pages import render

pages = APIRouter(include_in_schema=False)

Caller = Annotated[Actor, Depends(current_actor)]
LOOK_EVERY = 1.0
"""Seconds between two looks for new taps."""
STREAM_LASTS = timedelta(minutes=5)
"""After this the browser connects anew, and the guard looks at its session anew."""


@pages.get("/taps")
@permission("validation.read")
async def live_taps(request: Request, actor: Caller) -> Response:
    """The taps of the last day; with a script they go on appearing."""
    async with transaction(actor) as tx:
        taps = await store.latest_taps(tx)
    return render(request, "validating/taps.html", actor=actor, taps=taps)


@pages.get("/taps/stream")
@permission("validation.read")
async def stream_taps(request: Request, actor: Caller) -> Response:
    """The table of taps as server-sent events (WHATWG HTML section 9.2), each time that it changes."""
    events = _events(request, actor, language_of(request))
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


@pages.get("/persons/{person_id}/taps")
@permission("validation.read")
async def taps_of_person(request: Request, person_id: UUID, actor: Caller) -> Response:
    """The taps of one person: a part of the person's page, or without a script a page of its own.

    Where somebody went is that person's data: it takes the permission to open persons too, and the reading is logged
    with its purpose.
    """
    if not actor.may("person.read"):
        raise Forbidden("Open persons' data")
    purpose = require_purpose(request, person_id)
    async with transaction(actor) as tx:
        await register.get_person(tx, person_id)
        taps = await store.taps_of_person(tx, person_id)
        await audit.record(tx, "person.taps.read", ("person", person_id), reason=purpose)
    template = "person_taps.html" if "hx-request" in request.headers else "person_taps_page.html"
    return render(request, f"validating/{template}", actor=actor, taps=taps, person_id=person_id)


async def _events(request: Request, actor: Actor, language: str) -> AsyncIterator[str]:
    template = environment(language).get_template("validating/tap_rows.html")
    end, shown = clock.now() + STREAM_LASTS, ""
    while clock.now() < end and not await request.is_disconnected():
        try:
            async with transaction(actor) as tx:
                taps = await store.latest_taps(tx)
        except OperationalError:
            # the database is away: the browser connects anew, and the page says so if it still is
            return
        table = template.render(taps=taps)
        if table != shown:
            shown = table
            yield event("taps", table)
        await asyncio.sleep(LOOK_EVERY)

"""The overview of taps and terminals as they are now; with a script it goes on by itself until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating.dashboard import LOOK_EVERY, looks_of
from amis.web.events import event
from amis.web.i18n import language_of
from amis.web.pages import render

pages = APIRouter(prefix="/live", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
STREAM_LASTS = timedelta(minutes=5)
"""After this the browser connects anew, and the guard looks at its session anew."""


@pages.get("")
@permission("validation.read")
async def show_live(request: Request, actor: Acting, still: bool = False) -> Response:
    """The last hour and the terminals; `still` does not go on by itself."""
    parts = await looks_of(request.app).parts(actor, language_of(request))
    return render(request, "validating/live.html", actor=actor, parts=parts, still=still)


@pages.get("/stream")
@permission("validation.read")
async def stream(request: Request, actor: Acting) -> Response:
    """Each part of the overview as a server-sent event (WHATWG HTML section 9.2) whenever it reads differently."""
    events = _events(request, actor, language_of(request))
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def _events(request: Request, actor: Actor, language: str) -> AsyncIterator[str]:
    looks, end, shown = looks_of(request.app), clock.now() + STREAM_LASTS, dict[str, str]()
    while clock.now() < end and not await request.is_disconnected():
        try:
            parts = await looks.parts(actor, language)
        except OperationalError:
            # the database is away: the browser connects anew, and the page says so if it still is
            return
        for part, text in parts.items():
            if shown.get(part) != text:
                shown[part] = text
                yield event(part, text)
        await asyncio.sleep(LOOK_EVERY.total_seconds())

"""The feed as others read it: page by page, waiting at its end."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.errors import Unavailable
from amis.kernel.permission import permission
from amis.outbound.news import News
from amis.outbound.reading import Page, note_reader, read_feed
from amis.outbound.schemas import FeedPage
from amis.outbound.topics import TOPICS
from amis.staff.guard import current_actor

LONGEST_WAIT = 30
"""Seconds that a request at the end of the feed may wait."""
MOST_ENTRIES = 1_000
_NEWEST_NUMBER = 1 << 53

router = APIRouter(route_class=StrictRoute, tags=["feed"])
Topic = Annotated[str, Query(pattern=f"^(?:{'|'.join(TOPICS).replace('.', '[.]')})$")]
_GONE: dict[int | str, dict[str, Any]] = {410: {"description": "What follows this number is no longer kept."}}


@router.get("/sync/v1/feed", response_model=FeedPage, responses=_GONE)
@permission("feed.follow")
async def feed(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    after: Annotated[int, Query(ge=0, le=_NEWEST_NUMBER)] = 0,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 500,
    topic: Annotated[list[Topic] | None, Query(max_length=len(TOPICS))] = None,
) -> FeedPage:
    """What happened after the number `after`, in order and without gaps; waits up to `wait` seconds for something.

    Kept are the days that the settings say. `topic` may be given several times and limits what is told.
    """
    try:
        return FeedPage.of(await _waited(request, actor, after, wait, limit, topic or []))
    except asyncio.CancelledError as ending:
        raise Unavailable("the server goes, another one comes") from ending


async def _waited(request: Request, actor: Actor, after: int, wait: float, limit: int, topics: list[str]) -> Page:
    news: News = request.state.news
    # Whoever looks at the feed in a browser is nobody's reader, and reading changes nothing.
    until, noted = asyncio.get_running_loop().time() + wait, actor.kind != "machine"
    while True:
        event = news.next()
        async with transaction(actor) as tx:
            page = await read_feed(tx, after, limit, topics)
            if not noted:
                await note_reader(tx, after)
        left = until - asyncio.get_running_loop().time()
        if page.entries or left <= 0:
            return page
        noted, after = True, page.next
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), left)

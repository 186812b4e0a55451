"""The page of the feed: how far it goes, who reads it and how far behind, and its newest entries."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from amis.kernel import feed
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.outbound import store
from amis.outbound.topics import TOPICS
from amis.outbound.words import WEBHOOK_STATES
from amis.staff.guard import current_actor
from amis.web.pages import render

pages = APIRouter(prefix="/feed", include_in_schema=False)
NEWEST = 20
"""Entries that the page shows."""


@pages.get("")
@permission("feed.read")
async def show_feed(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> HTMLResponse:
    """Readers with their lag, and the newest entries."""
    async with transaction(actor) as tx:
        reach = await feed.reach(tx)
        newest = await feed.entries(tx, max(reach.gone, reach.head - NEWEST), NEWEST)
        consumers = await store.consumers(tx)
        webhooks = [one.webhook for one in await store.webhooks(tx) if one.webhook.state != "ended"]
    return render(
        request,
        "outbound/feed.html",
        actor=actor,
        reach=reach,
        newest=newest[::-1],
        consumers=consumers,
        webhooks=webhooks,
        topics=TOPICS,
        states=WEBHOOK_STATES,
        days=settings().feed_days,
    )

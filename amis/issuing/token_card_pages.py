"""What a clerk does on the page of a card: report it lost, hand it over, post it, say that it came or is spoiled."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from amis.issuing import handover, production, words
from amis.issuing.errors import PostedOnInvalid
from amis.issuing.pages import token_page
from amis.issuing.reasons import of_list
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.formats import parse_day
from amis.web.posted import posted

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]


@pages.post("/tokens/{token_id}/lost")
@permission("card.request")
async def report_lost(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Blocks the card at once, and goes to the application for another one."""
    given = await posted(request, "lost_reason", "police_reference")
    try:
        async with transaction(actor) as tx:
            line = await handover.report_lost(tx, token_id, given["lost_reason"], given["police_reference"])
    except (Invalid, Conflict) as error:
        field = "police_reference" if error.pointer == "/police_reference" else "lost_reason"
        return await token_page(request, actor, token_id, {field: error.title}, error.status)
    if line is None:
        return RedirectResponse(f"/tokens/{token_id}?notice=card-lost", 303)
    return RedirectResponse(f"/card-requests/{line.request.id}?notice=card-lost", 303)


@pages.post("/tokens/{token_id}/hand-over")
@permission("card.produce")
async def hand_over(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Gives the card to its holder."""
    return await _do(request, actor, token_id, handover.hand_over, "hand_over", "card-handed-over")


@pages.post("/tokens/{token_id}/received")
@permission("card.produce")
async def received(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Makes a posted card active."""
    return await _do(request, actor, token_id, handover.received, "received", "card-handed-over")


@pages.post("/tokens/{token_id}/post")
@permission("card.produce")
async def post(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Notes that the card was posted."""
    typed = (await posted(request, "posted_on"))["posted_on"]

    async def send(tx: Transaction, posted_id: UUID) -> None:
        try:
            day = parse_day(typed)
        except ValueError as error:
            raise PostedOnInvalid(pointer="/posted_on") from error
        await handover.post(tx, posted_id, day)

    return await _do(request, actor, token_id, send, "posted_on", "card-posted")


@pages.post("/tokens/{token_id}/spoil")
@permission("card.produce")
async def spoil(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Gives a made card up, and goes to the one that is made in its place."""
    why = (await posted(request, "spoil_reason"))["spoil_reason"]
    try:
        async with transaction(actor) as tx:
            made = await production.spoil_made(tx, token_id, of_list(why, words.SPOILED))
    except (Invalid, Conflict) as error:
        return await token_page(request, actor, token_id, {"spoil_reason": error.title}, error.status)
    return RedirectResponse(f"/tokens/{made.id}?notice=card-spoiled", 303)


async def _do(
    request: Request,
    actor: Actor,
    token_id: UUID,
    deed: Callable[[Transaction, UUID], Awaitable[object]],
    field: str,
    notice: str,
) -> Response:
    try:
        async with transaction(actor) as tx:
            await deed(tx, token_id)
    except (Invalid, Conflict) as error:
        return await token_page(request, actor, token_id, {field: error.title}, error.status)
    return RedirectResponse(f"/tokens/{token_id}?notice={notice}", 303)

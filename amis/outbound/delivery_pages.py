"""Pages of deliveries: one with every try, and sending again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.outbound import replays, store
from amis.outbound.webhook_view import LIST, WORDS, webhook_page
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/webhooks/{webhook_id}", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_NUMBER = mark("Enter a number of the feed")


@pages.post("/replay")
@permission("webhook.write")
async def replay(request: Request, webhook_id: UUID, actor: Acting) -> Response:
    """Sends again: all dead ones, or a range of the feed."""
    given = await posted(request, "what", "first", "last")
    errors = (
        {} if given["what"] == "dead" else {name: _NUMBER for name in ("first", "last") if not _is_seq(given[name])}
    )
    if errors:
        return await webhook_page(request, actor, webhook_id, errors, given=given)
    try:
        async with transaction(actor) as tx:
            if given["what"] == "dead":
                await replays.replay_dead(tx, webhook_id)
            else:
                await replays.replay_range(tx, webhook_id, int(given["first"]), int(given["last"]))
    except (Invalid, Conflict) as error:
        return await webhook_page(request, actor, webhook_id, {error.pointer.strip("/"): error.title}, given=given)
    return RedirectResponse(f"/webhooks/{webhook_id}?notice=sent-again", 303)


@pages.get("/deliveries/{seq}")
@permission("webhook.read")
async def show_delivery(request: Request, webhook_id: UUID, seq: int, actor: Acting) -> HTMLResponse:
    """One delivery with every try."""
    return await _delivery(request, actor, webhook_id, seq)


@pages.post("/deliveries/{seq}")
@permission("webhook.write")
async def replay_one(request: Request, webhook_id: UUID, seq: int, actor: Acting) -> Response:
    """Sends one delivery again."""
    try:
        async with transaction(actor) as tx:
            await replays.replay_one(tx, webhook_id, seq)
    except Conflict as error:
        return await _delivery(request, actor, webhook_id, seq, {"": error.title})
    return RedirectResponse(f"/webhooks/{webhook_id}/deliveries/{seq}?notice=sent-again", 303)


def _is_seq(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 15


async def _delivery(
    request: Request, actor: Actor, webhook_id: UUID, seq: int, errors: dict[str, str] | None = None
) -> HTMLResponse:
    async with transaction(actor) as tx:
        webhook = await store.get_webhook(tx, webhook_id)
        delivery, attempts = await store.get_delivery(tx, webhook_id, seq)
    return render(
        request,
        "outbound/delivery.html",
        actor=actor,
        status=409 if errors else 200,
        webhook=webhook,
        delivery=delivery,
        attempts=attempts,
        errors=errors or {},
        breadcrumbs=[LIST, (webhook.label, f"/webhooks/{webhook_id}"), (mark("Delivery of a message"), None)],
        language_url=lambda language: f"/webhooks/{webhook_id}/deliveries/{seq}?lang={language}",
        **WORDS,
    )

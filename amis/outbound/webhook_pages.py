"""The pages of webhooks: the list, the form, one webhook, and what can be done with it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict, Forbidden, Invalid
from amis.kernel.permission import permission
from amis.outbound import store, webhooks
from amis.outbound.webhook_view import LIST, WORDS, webhook_page
from amis.outbound.webhooks import WebhookDraft
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/webhooks", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_TURNS = {
    "approve": webhooks.approve_webhook,
    "pause": webhooks.pause_webhook,
    "resume": webhooks.resume_webhook,
    "end": webhooks.end_webhook,
}


@pages.get("")
@permission("webhook.read")
async def list_webhooks(request: Request, actor: Acting) -> HTMLResponse:
    """All webhooks with what waits and what is dead."""
    async with transaction(actor) as tx:
        found = await store.webhooks(tx)
    return render(request, "outbound/webhooks.html", actor=actor, standings=found, **WORDS)


@pages.get("/new")
@permission("webhook.write")
async def ask_webhook(request: Request, actor: Acting) -> HTMLResponse:
    """The empty form."""
    return await _form(request, actor, {"label": "", "url": "", "sender": ""}, [], {})


@pages.post("/new")
@permission("webhook.write")
async def define(request: Request, actor: Acting) -> Response:
    """Makes a webhook and shows its secret, this once."""
    given = await posted(request, "label", "url", "sender")
    chosen = [text for text in (await request.form()).getlist("topics") if isinstance(text, str)]
    try:
        async with transaction(actor) as tx:
            senders = {str(sender_id): sender_id for sender_id, _ in await store.senders(tx)}
            draft = WebhookDraft(given["label"], given["url"], chosen, senders.get(given["sender"]))
            webhook, secret = await webhooks.define_webhook(tx, draft)
    except Invalid as error:
        return await _form(request, actor, given, chosen, {error.pointer.strip("/"): error.detail or error.title})
    return await webhook_page(request, actor, webhook.id, secret=secret)


@pages.get("/{webhook_id}")
@permission("webhook.read")
async def show_webhook(request: Request, webhook_id: UUID, actor: Acting) -> HTMLResponse:
    """One webhook: where it goes, its keys, what waits, what is dead, what was delivered last."""
    return await webhook_page(request, actor, webhook_id)


@pages.post("/{webhook_id}/approve")
@permission("webhook.approve")
async def approve(request: Request, webhook_id: UUID, actor: Acting) -> Response:
    """Lets messages go to an address that a colleague has asked for."""
    return await _turned(request, actor, webhook_id, "approve")


@pages.post("/{webhook_id}/pause")
@permission("webhook.write")
async def pause(request: Request, webhook_id: UUID, actor: Acting) -> Response:
    """Sends nothing for now."""
    return await _turned(request, actor, webhook_id, "pause")


@pages.post("/{webhook_id}/resume")
@permission("webhook.write")
async def resume(request: Request, webhook_id: UUID, actor: Acting) -> Response:
    """Sends again."""
    return await _turned(request, actor, webhook_id, "resume")


@pages.post("/{webhook_id}/end")
@permission("webhook.write")
async def end(request: Request, webhook_id: UUID, actor: Acting) -> Response:
    """Ends it for good."""
    return await _turned(request, actor, webhook_id, "end")


@pages.post("/{webhook_id}/keys")
@permission("webhook.write")
async def rotate(request: Request, webhook_id: UUID, actor: Acting) -> Response:
    """Makes new keys and shows the secret, this once."""
    try:
        async with transaction(actor) as tx:
            secret = await webhooks.rotate_keys(tx, webhook_id)
    except Conflict as error:
        return await webhook_page(request, actor, webhook_id, {"": error.title})
    return await webhook_page(request, actor, webhook_id, secret=secret)


async def _turned(request: Request, actor: Actor, webhook_id: UUID, turn: str) -> Response:
    try:
        async with transaction(actor) as tx:
            await _TURNS[turn](tx, webhook_id)
    except (Conflict, Forbidden) as error:
        return await webhook_page(request, actor, webhook_id, {"": error.title}, status=error.status)
    return RedirectResponse(f"/webhooks/{webhook_id}?notice=saved", 303)


async def _form(
    request: Request, actor: Actor, given: dict[str, str], chosen: list[str], errors: dict[str, str]
) -> HTMLResponse:
    async with transaction(actor) as tx:
        senders = await store.senders(tx)
    return render(
        request,
        "outbound/webhook_form.html",
        actor=actor,
        status=422 if errors else 200,
        given=given,
        chosen=chosen,
        senders=senders,
        errors=errors,
        breadcrumbs=[LIST, (mark("New webhook"), None)],
        **WORDS,
    )

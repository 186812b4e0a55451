"""How one webhook is shown: where it goes, its keys, what waits, what was given up, what was delivered last."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.outbound import store
from amis.outbound.topics import TOPICS
from amis.outbound.words import DELIVERY_STATES, WEBHOOK_STATES
from amis.web.i18n import mark
from amis.web.pages import render

LIST = (mark("Webhooks"), "/webhooks")
WORDS: dict[str, Any] = {"topics": TOPICS, "states": WEBHOOK_STATES, "delivery_states": DELIVERY_STATES}


async def webhook_page(
    request: Request,
    actor: Actor,
    webhook_id: UUID,
    errors: dict[str, str] | None = None,
    *,
    secret: str = "",
    given: dict[str, str] | None = None,
    status: int = 422,
) -> HTMLResponse:
    """The page; `secret` is shown this once, `given` is what was typed into the form that sends again."""
    async with transaction(actor) as tx:
        standing = await store.get_standing(tx, webhook_id)
        kept = {state: await store.deliveries(tx, webhook_id, state) for state in DELIVERY_STATES}
        context = {
            "standing": standing,
            "webhook": standing.webhook,
            "keys": await store.keys(tx, webhook_id),
            "sender": await store.sender_label(tx, standing.webhook.sender_id),
        }
    return render(
        request,
        "outbound/webhook.html",
        actor=actor,
        status=status if errors else 200,
        kept=kept,
        secret=secret,
        given={"first": "", "last": ""} | (given or {}),
        errors=errors or {},
        own=standing.webhook.made_by == f"{actor.kind}:{actor.id}",
        breadcrumbs=[LIST, (standing.webhook.label, None)],
        language_url=lambda language: f"/webhooks/{webhook_id}?lang={language}",
        **context,
        **WORDS,
    )

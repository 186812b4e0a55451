"""Pages of notices: who sends, what arrived and what became of it, what waits for a decision."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake import overview, quarantine, store
from amis.intake.errors import ReasonMissing
from amis.intake.wording import EXPLAINED, STATES, VERDICTS, took
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.log import scrub
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/notices", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_LIST = (mark("Notices"), "/notices")
REFUSED = "refused"


@pages.get("")
@permission("intake.read")
async def show_notices(request: Request, actor: Acting) -> HTMLResponse:
    """Senders, the quarantine and the last hundred arrivals, all or only what was refused."""
    refused = request.query_params.get("show") == REFUSED
    async with transaction(actor) as tx:
        senders = await overview.senders_seen(tx)
        held = await overview.open_messages(tx)
        arrivals = await store.arrivals(tx, refused_only=refused)
    labels = {sender.id: sender.label for sender in senders}
    return _page(
        request, actor, "list", senders=senders, held=held, arrivals=arrivals, labels=labels, refused=refused, at=tx.at
    )


@pages.get("/quarantine/{quarantined_id}")
@permission("intake.write")
async def ask_reason(request: Request, quarantined_id: UUID, actor: Acting) -> HTMLResponse:
    """One message with the form that dismisses it."""
    return await _message(request, actor, quarantined_id)


@pages.post("/quarantine/{quarantined_id}")
@permission("intake.write")
async def dismiss(request: Request, quarantined_id: UUID, actor: Acting) -> Response:
    """Dismisses a message for a reason."""
    reason = (await posted(request, "reason"))["reason"]
    try:
        async with transaction(actor) as tx:
            await quarantine.dismiss(tx, quarantined_id, reason)
    except ReasonMissing as error:
        return await _message(request, actor, quarantined_id, reason, {"reason": error.title})
    return RedirectResponse("/notices?notice=saved", 303)


async def _message(
    request: Request, actor: Actor, quarantined_id: UUID, reason: str = "", errors: dict[str, str] | None = None
) -> HTMLResponse:
    async with transaction(actor) as tx:
        held = await overview.get_message(tx, quarantined_id)
        arrivals = await store.arrivals_of(tx, held.message_id, held.received_at)
    crumbs = [_LIST, (mark("Message in quarantine"), None)]
    status = 422 if errors else 200
    context: dict[str, Any] = {"held": held, "arrivals": arrivals, "reason": reason, "errors": errors or {}}
    return _page(request, actor, "message", status, breadcrumbs=crumbs, **context)


def _page(request: Request, actor: Actor, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    tools = {"verdicts": VERDICTS, "states": STATES, "explained": EXPLAINED, "took": took, "scrub": scrub}
    return render(request, f"intake/{name}.html", actor=actor, status=status, **tools, **context)

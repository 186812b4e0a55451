"""Pages of files of rows: the list, one with its progress and refused rows, and deciding on one that is held."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake import batch_store, batch_view, batches, refused_file, store
from amis.intake.batch_models import Batch
from amis.intake.batch_view import MOST_TOLD, PAGE
from amis.intake.errors import ReasonMissing
from amis.intake.page import FILES, NOTICES, intake_page
from amis.intake.wording import BATCH_STATES
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict
from amis.kernel.permission import permission
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.web.i18n import language_of, mark
from amis.web.posted import posted

pages = APIRouter(prefix="/batches", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
RUNNING = ("received", "checking", "applying")
"""States in which a page fetches itself anew."""


@pages.get("")
@permission("intake.read")
async def list_batches(
    request: Request, actor: Acting, sender: str = "", state: str = "", page: int = 1
) -> HTMLResponse:
    """The files that were handed over, the newest first."""
    number, kept = max(page, 1), {"sender": sender, "state": state if state in BATCH_STATES else ""}
    async with transaction(actor) as tx:
        senders = await store.senders(tx)
        chosen = next((one.id for one in senders if str(one.id) == sender), None)
        found, count = await batch_view.batches(tx, chosen, [kept["state"]] if kept["state"] else [], number)
    context: dict[str, Any] = {
        "batches": found,
        "labels": {one.id: one.label for one in senders},
        "senders": [(str(one.id), one.label) for one in senders],
        "asked": kept,
        "filtered": any(kept.values()),
        "page": number,
        "count": -(-count // PAGE),
        "address": lambda each: f"/notices/batches?{urlencode(kept | {'page': each})}",
    }
    return intake_page(request, actor, "batches", breadcrumbs=[NOTICES, (FILES[0], None)], **context)


@pages.get("/{notice_batch_id}")
@permission("intake.read")
async def show_batch(request: Request, notice_batch_id: UUID, actor: Acting, page: int = 1) -> HTMLResponse:
    """One file: how far it is, what became of its rows, where it came from; a held one with what it would take away."""
    return await _batch(request, actor, notice_batch_id, max(page, 1))


@pages.get("/{notice_batch_id}/refused")
@permission("intake.read")
async def download_refused(request: Request, notice_batch_id: UUID, actor: Acting) -> Response:
    """The refused rows with the reasons as a table (`?as=ndjson`: one JSON object a line), without personal data."""
    async with transaction(actor) as tx:
        batch = await batch_store.get(tx, notice_batch_id)
        rows = [one.arrival for one in await batch_view.refused_rows(tx, batch.id, size=MOST_TOLD)]
    write = refused_file.as_lines if request.query_params.get("as") == "ndjson" else refused_file.as_table
    content, media_type, suffix = write(rows, language_of(request))
    named = {"content-disposition": f'attachment; filename="refused-{batch.id}.{suffix}"'}
    return Response(content, media_type=media_type, headers=named)


@pages.post("/{notice_batch_id}/release")
@permission("intake.write")
async def release(request: Request, notice_batch_id: UUID, actor: Acting) -> Response:
    """Lets a held snapshot be applied, for a reason."""
    return await _decided(request, actor, notice_batch_id, "release", batches.release, "batch-released")


@pages.post("/{notice_batch_id}/refuse")
@permission("intake.write")
async def refuse(request: Request, notice_batch_id: UUID, actor: Acting) -> Response:
    """Closes a held snapshot without applying it, for a reason."""
    return await _decided(request, actor, notice_batch_id, "refuse", batches.refuse_held, "batch-refused")


@pages.post("/{notice_batch_id}/cancel")
@permission("intake.write")
async def cancel(request: Request, notice_batch_id: UUID, actor: Acting) -> Response:
    """Takes back a file of which nothing was applied yet, or gives up one that is stuck, for a reason."""
    return await _decided(request, actor, notice_batch_id, "cancel", batches.cancel, "batch-cancelled")


async def _decided(
    request: Request,
    actor: Actor,
    batch_id: UUID,
    step: str,
    do: Callable[[Transaction, UUID, str], Awaitable[Batch]],
    notice: str,
) -> Response:
    field = f"reason-{step}"
    reason = (await posted(request, field))[field]
    try:
        async with transaction(actor) as tx:
            await do(tx, batch_id, reason)
    except ReasonMissing as error:
        return await _batch(request, actor, batch_id, 1, {field: error.title}, error.status, reason)
    except Conflict as error:
        return await _batch(request, actor, batch_id, 1, {"": error.title}, error.status)
    return RedirectResponse(f"/notices/batches/{batch_id}?notice={notice}", 303)


async def _batch(
    request: Request,
    actor: Actor,
    batch_id: UUID,
    page: int,
    errors: dict[str, str] | None = None,
    status: int = 200,
    reason: str = "",
) -> HTMLResponse:
    async with transaction(actor) as tx:
        batch = await batch_store.get(tx, batch_id)
        sender = await store.get_sender(tx, batch.sender_id)
        why = await batch_view.why_refused(tx, batch_id)
        context: dict[str, Any] = {
            "refused": await batch_view.refused_rows(tx, batch_id, page),
            "losers": await batch_view.losers(tx, batch, sender) if batch.state == "held" else [],
            "kinds": await register.fact_kinds(tx),
            "names": await batch_view.names_of(tx),
        }
    return intake_page(
        request,
        actor,
        "batch",
        status,
        breadcrumbs=[NOTICES, FILES, (mark("File of rows"), None)],
        batch=batch,
        sender=sender,
        why=why,
        running=batch.state in RUNNING,
        cancellable=batch.state != "held" and batches.is_cancellable(batch),
        errors=errors or {},
        reason=reason,
        page=page,
        count=-(-sum(one.count for one in why) // PAGE),
        most=MOST_TOLD if sum(one.count for one in why) > MOST_TOLD else None,
        address=lambda each: f"/notices/batches/{batch_id}?page={each}",
        **context,
    )

"""Pages of the quarantine: what waits and why, and one notice that is put right or dismissed."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.intake import quarantine, store, waiting
from amis.intake.correction import CORRECTABLE
from amis.intake.errors import ReasonMissing
from amis.intake.page import NOTICES, QUARANTINE, intake_page
from amis.intake.waiting import PAGE, Held, Wanted
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Malformed
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.posted import posted

pages = APIRouter(prefix="/quarantine", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_STATES = ("open", "replayed", "dismissed")
WHOLE = "unreadable"
"""How an address says `quarantine.WHOLE`."""


@pages.get("")
@permission("intake.read")
async def show_quarantine(
    request: Request, actor: Acting, sender: str = "", code: str = "", state: str = "", batch: str = "", page: int = 1
) -> HTMLResponse:
    """What waits for a decision, or was decided, by source and reason."""
    asked = {"sender": sender, "code": code, "state": state, "batch": batch}
    return await _list(request, actor, asked, max(page, 1))


@pages.post("/dismiss")
@permission("intake.write")
async def dismiss_alike(request: Request, actor: Acting) -> Response:
    """Dismisses all that a source had refused for one reason, up to the moment at which they were looked at."""
    given = await posted(request, "sender", "code", "until", "reason")
    sender_id, until = _read_id(given["sender"]), _read_instant(given["until"])
    if sender_id is None or until is None or not given["code"]:
        raise Malformed
    try:
        async with transaction(actor) as tx:
            await store.get_sender(tx, sender_id)
            await quarantine.dismiss_alike(tx, sender_id, _code(given["code"]), until, given["reason"])
    except ReasonMissing as error:
        return await _list(request, actor, given, 1, {"reason": error.title})
    return RedirectResponse("/notices/quarantine?notice=saved", 303)


@pages.get("/{quarantined_id}")
@permission("intake.read")
async def show_held(request: Request, quarantined_id: UUID, actor: Acting) -> HTMLResponse:
    """One refused notice: why, and what became of it; nothing of a person."""
    return await _held(request, actor, quarantined_id)


@pages.post("/{quarantined_id}")
@permission("intake.write")
async def dismiss(request: Request, quarantined_id: UUID, actor: Acting) -> Response:
    """Dismisses a notice for a reason."""
    reason = (await posted(request, "reason"))["reason"]
    try:
        async with transaction(actor) as tx:
            await quarantine.dismiss(tx, quarantined_id, reason)
    except ReasonMissing as error:
        return await _held(request, actor, quarantined_id, reason, {"reason": error.title})
    return RedirectResponse("/notices/quarantine?notice=saved", 303)


async def _list(
    request: Request, actor: Actor, asked: dict[str, str], page: int, errors: dict[str, str] | None = None
) -> HTMLResponse:
    state = asked.get("state", "") if asked.get("state") in _STATES else "open"
    code = _code(asked["code"]) if asked["code"] else None
    wanted = Wanted(state, _read_id(asked["sender"]), code, _read_id(asked.get("batch", "")))
    async with transaction(actor) as tx:
        found, count = await waiting.held(tx, wanted, page)
        groups = await waiting.alike(tx)
        senders = await store.senders(tx)
    kept = {name: asked.get(name, "") for name in ("sender", "code", "state", "batch")}
    context: dict[str, Any] = {
        "held": found,
        "groups": groups,
        "whole": [one for one in groups if one.sender_id == wanted.sender_id and one.code == code],
        "senders": [(str(one.id), one.label) for one in senders],
        "codes": sorted({one.code for one in groups}),
        "asked": kept | {"state": state},
        "filtered": any(kept.values()),
        "until": tx.at.isoformat(),
        "reason": asked.get("reason", ""),
        "page": page,
        "count": -(-count // PAGE),
        "total": count,
        "address": lambda number: f"/notices/quarantine?{urlencode(kept | {'page': number})}",
        "code_of": lambda code: code or WHOLE,
    }
    crumbs = [NOTICES, (QUARANTINE[0], None)]
    link = f"/notices/quarantine?{urlencode(kept)}"
    return intake_page(
        request,
        actor,
        "quarantine",
        422 if errors else 200,
        breadcrumbs=crumbs,
        errors=errors or {},
        language_url=lambda language: f"{link}&lang={language}",
        **context,
    )


async def _held(
    request: Request, actor: Actor, quarantined_id: UUID, reason: str = "", errors: dict[str, str] | None = None
) -> HTMLResponse:
    async with transaction(actor) as tx:
        held = await waiting.get(tx, quarantined_id)
    return intake_page(
        request,
        actor,
        "message",
        422 if errors else 200,
        breadcrumbs=[NOTICES, QUARANTINE, (title_of(held), None)],
        held=held,
        correctable=held.content_type in CORRECTABLE,
        reason=reason,
        errors=errors or {},
    )


def title_of(held: Held) -> str:
    """What the page of a refused notice is called."""
    if held.row_no is not None:
        return mark("Row in quarantine")
    return mark("Notice in quarantine") if held.arrival_id else mark("Message in quarantine")


def _code(text: str) -> str:
    return quarantine.WHOLE if text == WHOLE else text


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _read_instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None

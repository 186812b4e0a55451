"""The pages on which desks are set up: made, paired by a code, approved by their fingerprint, revoked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.issuing import desk_store, desks
from amis.issuing.desk_store import DeskView
from amis.issuing.errors import DeskNameMissing
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.staff.guard import current_actor
from amis.staff.machine_service import CODE_LASTS
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted
from cards import qr


@dataclass(frozen=True, slots=True, repr=False)
class ShownCode:
    """A pairing code as it is shown once: whose, the code itself, until when it works, and its QR drawing."""

    desk: str
    code: str
    until: datetime
    picture: str


pages = APIRouter(prefix="/desks", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_FIELDS = ("name", "address", "printer")


@pages.get("")
@permission("terminal.write")
async def list_desks(request: Request, actor: Acting) -> HTMLResponse:
    """The desks with their state, and the form for another one."""
    return await _page(request, actor, {}, {})


@pages.post("")
@permission("terminal.write")
async def make_desk(request: Request, actor: Acting) -> Response:
    """Makes a desk and shows the code by which it pairs."""
    given = await posted(request, *_FIELDS)
    try:
        async with transaction(actor) as tx:
            made = await desks.make_desk(tx, given["name"], given["address"], given["printer"])
            code = await desks.pairing_code(tx, made.id)
    except DeskNameMissing as error:
        return await _page(request, actor, given, {"name": error.title}, 422)
    return await _page(request, actor, {}, {}, 201, shown=(made.id, code))


@pages.post("/{desk_id}/code")
@permission("terminal.write")
async def give_code(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Shows a fresh pairing code, once."""
    try:
        async with transaction(actor) as tx:
            code = await desks.pairing_code(tx, desk_id)
    except Conflict as error:
        return await _page(request, actor, {}, {"": error.title}, error.status)
    return await _page(request, actor, {}, {}, shown=(desk_id, code))


@pages.post("/{desk_id}/approve")
@permission("terminal.write")
async def approve(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Accepts the key whose fingerprint was compared."""
    return await _do(request, actor, lambda tx: desks.approve(tx, desk_id), "desk-approved")


@pages.post("/{desk_id}/revoke")
@permission("terminal.write")
async def revoke(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Ends the desk for good."""
    return await _do(request, actor, lambda tx: desks.revoke(tx, desk_id), "desk-revoked")


async def _do(request: Request, actor: Actor, deed: Callable[[Transaction], Awaitable[None]], notice: str) -> Response:
    try:
        async with transaction(actor) as tx:
            await deed(tx)
    except Conflict as error:
        return await _page(request, actor, {}, {"": error.title}, error.status)
    return RedirectResponse(f"/desks?notice={notice}", 303)


async def _page(
    request: Request,
    actor: Actor,
    given: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    *,
    shown: tuple[UUID, str] | None = None,
) -> HTMLResponse:
    async with transaction(actor) as tx:
        found, at = await desk_store.list_desks(tx), tx.at
    page: dict[str, Any] = {"desks": found, "at": at, "errors": errors, "given": dict.fromkeys(_FIELDS, "") | given}
    # Whoever copies the page's address with the code in it would give it away, so it is in the answer to the form only.
    page |= {"pairing": _shown(found, *shown, at + CODE_LASTS) if shown else None}
    page |= {"url": settings().public_url.rstrip("/")}
    page |= {"breadcrumbs": [(mark("Terminals"), "/terminals"), (mark("Desks"), None)]}
    return render(request, "issuing/desks.html", actor=actor, status=status, **page)


def _shown(desks: Sequence[DeskView], desk_id: UUID, code: str, until: datetime) -> ShownCode:
    name = next(view.desk.name for view in desks if view.desk.id == desk_id)
    return ShownCode(name, code, until, qr.svg(code))

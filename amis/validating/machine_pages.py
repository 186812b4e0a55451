"""The page of one terminal: paired by a code, approved by its fingerprint, moved, suspended, revoked; its past."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import Conflict
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.staff.guard import current_actor
from amis.staff.machine_service import CODE_LASTS
from amis.validating import terminal_store, terminals
from amis.validating.chip_keys import SLOTS, set_chip_keys
from amis.validating.pairing_view import progress, shown
from amis.validating.terminal_pages import read_id
from amis.validating.terminal_view import do, terminal_page
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/terminals/{terminal_id}", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
LONGEST_REASON = 200
_CHOOSE = mark("Choose the place")
_CHOOSE_KEYS = mark("Choose which keys of cards the terminal holds")
_REASON = mark("Say why, in at most 200 characters")


@pages.get("")
@permission("validation.read")
async def show_terminal(request: Request, terminal_id: UUID, actor: Acting) -> HTMLResponse:
    """A terminal as it stands, with what may be done to it and what was done."""
    return await terminal_page(request, actor, terminal_id)


@pages.get("/pairing")
@permission("terminal.write")
async def show_pairing(request: Request, terminal_id: UUID, actor: Acting) -> HTMLResponse:
    """How far the pairing has come: a part of the page that fetches itself anew, or without a script the page."""
    if "hx-request" not in request.headers:
        return await terminal_page(request, actor, terminal_id)
    async with transaction(actor) as tx:
        terminal = await terminal_store.get_terminal(tx, terminal_id)
        found, at = await terminal_store.pairings(tx, terminal_id), tx.at
    newest = found[0] if found else None
    page: dict[str, Any] = {"terminal": terminal, "newest": newest, "progress": progress(newest, at)}
    return render(request, "validating/terminal_pairing.html", actor=actor, **page)


@pages.post("/code")
@permission("terminal.write")
async def give_code(request: Request, terminal_id: UUID, actor: Acting) -> Response:
    """Shows a fresh pairing code, once."""
    try:
        async with transaction(actor) as tx:
            code, until = await terminals.pairing_code(tx, terminal_id), tx.at + CODE_LASTS
    except Conflict as error:
        return await terminal_page(request, actor, terminal_id, errors={"": error.title}, status=error.status)
    # Whoever copies the page's address with the code in it would give it away, so it is in this answer only.
    return await terminal_page(request, actor, terminal_id, code=shown(code, until, settings().public_url))


@pages.post("/approve")
@permission("terminal.write")
async def approve(request: Request, terminal_id: UUID, actor: Acting) -> Response:
    """Accepts the key whose fingerprint was compared."""
    compared = (await posted(request, "fingerprint"))["fingerprint"]
    return await do(
        request, actor, terminal_id, lambda tx: terminals.approve(tx, terminal_id, compared), "terminal-approved"
    )


@pages.post("/move")
@permission("terminal.write")
async def move(request: Request, terminal_id: UUID, actor: Acting) -> Response:
    """Puts the terminal at another place of its provider."""
    place_id = read_id((await posted(request, "place"))["place"])
    if place_id is None:
        return await terminal_page(request, actor, terminal_id, errors={"place": _CHOOSE}, status=422)
    return await do(request, actor, terminal_id, lambda tx: terminals.move(tx, terminal_id, place_id))


@pages.post("/card-keys")
@permission("terminal.write")
async def choose_keys(request: Request, terminal_id: UUID, actor: Acting) -> Response:
    """Says which masters of cards the terminal may hold."""
    which = (await posted(request, "chip_keys"))["chip_keys"]
    if which not in SLOTS:
        return await terminal_page(request, actor, terminal_id, errors={"chip_keys": _CHOOSE_KEYS}, status=422)
    return await do(request, actor, terminal_id, lambda tx: set_chip_keys(tx, terminal_id, which))


@pages.post("/state")
@permission("terminal.write")
async def change_state(request: Request, terminal_id: UUID, actor: Acting) -> Response:
    """Suspends the terminal, lets it work again or revokes it for good, with a reason."""
    given = await posted(request, "step", "reason")
    step, reason = given["step"], given["reason"]
    if step not in terminals.STEPS or not 0 < len(reason) <= LONGEST_REASON:
        field = f"reason-{step}" if step in terminals.STEPS else ""
        return await terminal_page(request, actor, terminal_id, errors={field: _REASON}, status=422)
    return await do(request, actor, terminal_id, lambda tx: terminals.step(tx, terminal_id, step, reason))

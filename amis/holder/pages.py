"""What staff do about the phone of a token: give a code for one, see since when it is on one, end it."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.holder import service, store
from amis.holder.codes import plain
from amis.holder.errors import DeviceUnknown, NotSeen
from amis.holder.service import Given
from amis.issuing import store as tokens
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, Conflict, Invalid, Unauthenticated
from amis.kernel.permission import permission
from amis.kernel.settings import settings
from amis.staff.guard import current_actor
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted
from cards import qr
from cards.number import readable_number
from cards.token import Kind, State

pages = APIRouter(include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
_TOKENS = (mark("Tokens"), "/tokens")


class Shown(NamedTuple):
    """A code that was just given, and the picture that leads a phone to it."""

    code: str
    until: datetime
    picture: str


@pages.get("/tokens/{token_id}/phone")
@permission("holder.enrol")
async def show_phone(request: Request, token_id: UUID, actor: Acting) -> HTMLResponse:
    """Whether the token is on a phone, and what may be done."""
    return await _page(request, actor, token_id)


@pages.post("/tokens/{token_id}/phone/code")
@permission("holder.enrol")
async def give_code(request: Request, token_id: UUID, actor: Acting) -> HTMLResponse:
    """Gives a code to the holder who stands at the desk; it is shown this once."""
    seen = (await posted(request, "seen"))["seen"]
    try:
        async with transaction(actor) as tx:
            await tokens.get_token(tx, token_id)
            if seen != "yes":
                raise NotSeen(pointer="/seen")
            given = await service.give_code(tx, token_id, service.AT_DESK)
    except (Invalid, Conflict) as error:
        return await _page(request, actor, token_id, {"seen": error.title}, error.status)
    return await _page(request, actor, token_id, given=given)


@pages.post("/tokens/{token_id}/phone/end")
@permission("holder.enrol")
async def end_phone(request: Request, token_id: UUID, actor: Acting) -> Response:
    """Ends the phone and the token on it."""
    try:
        async with transaction(actor) as tx:
            await tokens.get_token(tx, token_id)
            device = await store.live_device(tx, token_id)
            if device is None:
                raise DeviceUnknown
            await service.end_device(tx, device.id, "office")
    except (Conflict, DeviceUnknown) as error:
        return await _page(request, actor, token_id, {"end": error.title}, _status(error))
    return RedirectResponse(f"/tokens/{token_id}?notice=ended", 303)


def _status(error: AmisError) -> int:
    """A phone that is not there is no question of who calls, on a page of staff."""
    return 409 if isinstance(error, Unauthenticated) else error.status


async def _page(
    request: Request,
    actor: Actor,
    token_id: UUID,
    errors: dict[str, str] | None = None,
    status: int = 200,
    given: Given | None = None,
) -> HTMLResponse:
    async with transaction(actor) as tx:
        token = await tokens.get_token(tx, token_id)
        device = await store.live_device(tx, token_id)
        waits = await store.code_waits_until(tx, token_id)
    number = readable_number(token.number)
    shown: dict[str, Any] = {
        "token": token,
        "device": device,
        "waits": waits,
        "may_give": token.kind == Kind.QR and token.state == State.ACTIVE,
        "pairing": None if given is None else Shown(*given, qr.address_svg(address(given.code))),
        "host": host(),
        "number": number,
        "breadcrumbs": [_TOKENS, (number, f"/tokens/{token_id}"), (mark("Phone"), None)],
        "errors": errors or {},
    }
    return render(request, "holder/phone.html", actor=actor, status=status, **shown)


def address(code: str) -> str:
    """The holder's page with a code filled in; what follows the hash stays in the phone."""
    return f"{settings().public_url.rstrip('/')}/my/#{plain(code)}"


def host() -> str:
    """The address of the holder's page as people type it."""
    return f"{urlsplit(settings().public_url).netloc}/my"

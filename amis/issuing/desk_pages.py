"""The page of a desk: cards are made and handed over there, and one that is lost or found is dealt with."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from amis.issuing import card_keys, chips, desk_store, desk_words, handover, operations, store, words
from amis.issuing.desk_events import events
from amis.issuing.desk_view import desk_page
from amis.issuing.errors import CardWorkUnknown, NumberInvalid, TokenUnknown
from amis.issuing.models import Token
from amis.issuing.operations import Work
from amis.issuing.reasons import GONE
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.web.i18n import language_of, mark
from amis.web.pages import render
from amis.web.posted import posted
from cards.number import readable_number
from cards.token import BlockReason, Kind, State

pages = APIRouter(prefix="/desk", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
Deed = Callable[[Transaction, dict[str, str]], Awaitable[None]]
_FIELDS = ("token", "kind", "operation", "number", "lost_reason", "police_reference")
_ABOUT_ONE = (Work.PERSONALISE, Work.VERIFY, Work.UPDATE, Work.ROTATE, Work.RETIRE)
_NOT_FOUND = mark("Your municipality has no card with this number")
_CRUMBS = ((mark("Desk"), "/desk"),)


@pages.get("")
@permission("card.produce")
async def choose_desk(request: Request, actor: Acting) -> Response:
    """The desks to work at; where there is only one, that one."""
    async with transaction(actor) as tx:
        found = [view for view in await desk_store.list_desks(tx) if view.machine.state != "revoked"]
        at = tx.at
    if len(found) == 1:
        return RedirectResponse(f"/desk/{found[0].desk.id}", 303)
    return render(request, "issuing/desk_choice.html", actor=actor, desks=found, at=at)


@pages.get("/{desk_id}")
@permission("card.produce")
async def show_desk(request: Request, desk_id: UUID, actor: Acting, token: UUID | None = None) -> HTMLResponse:
    """The desk; with a `token` what can be done about that card."""
    return await _page(request, actor, desk_id, {"token": str(token) if token else ""}, {})


@pages.get("/{desk_id}/stream")
@permission("card.produce")
async def stream_desk(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """The parts of the page that change by themselves, as server-sent events (WHATWG HTML section 9.2)."""
    async with transaction(actor) as tx:
        await desk_store.get_desk(tx, desk_id)
    told = events(request, actor, desk_id, language_of(request), live_words())
    return StreamingResponse(told, media_type="text/event-stream", headers={"cache-control": "no-store"})


@pages.post("/{desk_id}/work")
@permission("card.produce")
async def begin_work(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Asks the desk for work on a card."""

    async def ask(tx: Transaction, given: dict[str, str]) -> None:
        await operations.ask(tx, desk_id, _id(given["token"]) if given["token"] else None, given["kind"])

    return await _do(request, actor, desk_id, ask)


@pages.post("/{desk_id}/stop")
@permission("card.produce")
async def stop_work(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Ends the work at hand."""

    async def stop(tx: Transaction, given: dict[str, str]) -> None:
        work = await desk_store.get_operation(tx, _id(given["operation"]))
        if work.desk_id != desk_id:
            raise CardWorkUnknown
        await operations.stop(tx, work.id)

    return await _do(request, actor, desk_id, stop)


@pages.post("/{desk_id}/hand-over")
@permission("card.produce")
async def hand_over(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Gives a card to its holder: it is active at once."""

    async def give(tx: Transaction, given: dict[str, str]) -> None:
        await handover.hand_over(tx, _id(given["token"]))

    return await _do(request, actor, desk_id, give, "card-handed-over")


@pages.post("/{desk_id}/spoil")
@permission("card.produce")
async def give_up_chip(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Gives up the chip that the work began on, so that another one is taken."""

    async def spoil(tx: Transaction, given: dict[str, str]) -> None:
        await chips.give_up(tx, desk_id, _id(given["token"]))

    return await _do(request, actor, desk_id, spoil, "card-spoiled")


@pages.post("/{desk_id}/find")
@permission("card.produce")
async def find_card(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Goes to what can be done about the card with a number."""
    given = await posted(request, *_FIELDS)
    try:
        async with transaction(actor) as tx:
            await desk_store.get_desk(tx, desk_id)
            found = await store.find_by_number(tx, given["number"])
    except NumberInvalid as error:
        return await _page(request, actor, desk_id, given, {"number": error.title}, 422)
    if found is None:
        return await _page(request, actor, desk_id, given, {"number": _NOT_FOUND}, 422)
    return RedirectResponse(f"/desk/{desk_id}?token={found}", 303)


@pages.post("/{desk_id}/lost")
@permission("card.request")
async def report_lost(request: Request, desk_id: UUID, actor: Acting) -> Response:
    """Blocks a lost or stolen card at once and asks for a new one, to be decided."""
    given = await posted(request, *_FIELDS)
    try:
        async with transaction(actor) as tx:
            await desk_store.get_desk(tx, desk_id)
            told = _id(given["token"]), given["lost_reason"], given["police_reference"]
            line = await handover.report_lost(tx, *told, desk_id=desk_id)
    except (Invalid, Conflict) as error:
        field = "police_reference" if "police" in error.code else "lost_reason"
        return await _page(request, actor, desk_id, given, {field: error.title}, error.status)
    if line is None:
        return RedirectResponse(f"/desk/{desk_id}?token={given['token']}&notice=blocked", 303)
    return RedirectResponse(f"/card-requests/{line.request.id}?notice=card-blocked-and-requested", 303)


async def _do(request: Request, actor: Actor, desk_id: UUID, deed: Deed, notice: str = "") -> Response:
    given = await posted(request, *_FIELDS)
    try:
        async with transaction(actor) as tx:
            await desk_store.get_desk(tx, desk_id)
            await deed(tx, given)
    except (Invalid, Conflict) as error:
        return await _page(request, actor, desk_id, given, {"": error.title}, error.status)
    return RedirectResponse(f"/desk/{desk_id}{'?notice=' if notice else ''}{notice}", 303)


async def _page(
    request: Request, actor: Actor, desk_id: UUID, given: dict[str, str], errors: dict[str, str], status: int = 200
) -> HTMLResponse:
    language = language_of(request)
    async with transaction(actor) as tx:
        page = await desk_page(tx, desk_id)
        card = await store.get_token(tx, _id(given["token"])) if given.get("token") else None
    lost = {"reason": given.get("lost_reason", ""), "police_reference": given.get("police_reference", "")}
    shown: dict[str, Any] = {"page": page, "errors": errors, "typed": given.get("number", ""), "lost": lost}
    shown |= {"card": card, **_offered(card, actor), "live": False, **live_words()}
    shown |= {"readable": readable_number, "why_of": words.why, "breadcrumbs": [*_CRUMBS, (page.view.desk.name, None)]}
    shown |= {"lost_reasons": words.options({reason: words.BLOCK[reason] for reason in sorted(GONE)}, language)}
    return render(request, "issuing/desk.html", actor=actor, status=status, **shown)


def live_words() -> dict[str, Any]:
    """What the changing parts of the page need to name things."""
    return {"kinds": desk_words.KINDS, "request_reasons": desk_words.REASONS}


def _offered(card: Token | None, actor: Actor) -> dict[str, Any]:
    """What can be done about a card: it may be lost while its holder has it, its chip worked on while it is known."""
    if card is None or card.kind != Kind.CARD:
        return {"may_lose": False, "works": []}
    works = [kind.value for kind in _ABOUT_ONE if operations.allows(card, kind)]
    if card.keyset == card_keys.keyset() and Work.ROTATE in works:
        works.remove(Work.ROTATE)
    if card.keyset is not None and Work.PERSONALISE in works:
        works.remove(Work.PERSONALISE)
    out = card.state in (State.ISSUED, State.ACTIVE) or card.reason == BlockReason.HOLDER_REQUEST
    return {"may_lose": actor.may("card.request") and out, "works": works}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise TokenUnknown from None

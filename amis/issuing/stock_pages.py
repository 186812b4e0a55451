"""The page of blank cards: what lies where, the form in which a movement is entered, the newest movements."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from amis.concessions.cards import list_cards
from amis.issuing import stock
from amis.issuing.errors import StockPiecesInvalid
from amis.issuing.request_store import desks
from amis.issuing.stock_words import KINDS, MOVES
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Conflict, Invalid
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.staff.store import list_accounts
from amis.web.i18n import mark
from amis.web.pages import render
from amis.web.posted import posted

pages = APIRouter(prefix="/stock", include_in_schema=False)
Acting = Annotated[Actor, Depends(current_actor)]
STORE = "store"
"""The place that is no desk."""
_FIELDS = ("kind", "product", "place", "pieces", "note")
_NO_KIND, _NO_DESK = mark("Choose what happened"), mark("Choose a desk")


@pages.get("")
@permission("stock.read")
async def show_stock(request: Request, actor: Acting) -> HTMLResponse:
    """What lies where, and the newest movements."""
    return await _page(request, actor, {}, {})


@pages.post("")
@permission("stock.write")
async def enter_movement(request: Request, actor: Acting) -> Response:
    """Enters what happened to blank cards, or shows what is wrong beside the fields."""
    values = await posted(request, *_FIELDS)
    try:
        async with transaction(actor) as tx:
            errors = await _enter(tx, values)
    except (Invalid, Conflict) as error:
        errors = {error.pointer.strip("/") or "kind": error.title}
    if errors:
        return await _page(request, actor, values, errors)
    return RedirectResponse("/stock?notice=recorded-movement", 303)


async def _enter(tx: Transaction, values: dict[str, str]) -> dict[str, str]:
    kind, product, note = values["kind"], values["product"], values["note"]
    desk_id, pieces = await _desk(tx, values["place"]), _pieces(values["pieces"])
    if kind not in KINDS:
        return {"kind": _NO_KIND}
    if kind in ("allocated", "returned") and desk_id is None:
        return {"place": _NO_DESK}
    match kind, desk_id:
        case "received", _:
            await stock.receive(tx, product, pieces, note)
        case "allocated", UUID():
            await stock.allocate(tx, desk_id, product, pieces, note)
        case "returned", UUID():
            await stock.give_back(tx, desk_id, product, pieces, note)
        case "spoiled", _:
            await stock.spoil(tx, desk_id, product, note, pieces=pieces)
        case "destroyed", _:
            await stock.destroy(tx, desk_id, product, pieces, note)
        case _:
            await stock.count(tx, desk_id, product, pieces, note)
    return {}


def _pieces(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6:
        raise StockPiecesInvalid(pointer="/pieces")
    return int(typed)


async def _desk(tx: Transaction, typed: str) -> UUID | None:
    """The desk that was chosen; the store, and whatever is no desk, is None."""
    return next((desk.id for desk in await desks(tx) if str(desk.id) == typed), None)


async def _page(request: Request, actor: Actor, values: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    async with transaction(actor) as tx:
        balances, moved = await stock.balances(tx), await stock.movements(tx)
        places, cards = await desks(tx), await list_cards(tx)
        names = {str(account.id): account.name for account, _ in await list_accounts(tx)}
        names |= {str(desk.id): desk.name for desk in places}
    products = {card.code: (card.name_lv, card.name_en) for card in reversed(cards)}
    return render(
        request,
        "issuing/stock.html",
        actor=actor,
        status=422 if errors else 200,
        balances=balances,
        movements=moved,
        names=names,
        desks={desk.id: desk.name for desk in places},
        products=products,
        kinds=KINDS,
        moves=MOVES,
        store=STORE,
        values={name: values.get(name, "") for name in _FIELDS},
        errors=errors,
    )

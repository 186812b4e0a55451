"""Blank cards: what came, what lies where, what went. Movements are only added, and a balance is their sum.

Cards lie in the store of the municipality (no desk) or at a desk. No step by hand takes more than there is; only a card
that is made in spite of an empty stock leaves a balance below zero, and then the desk has to be counted.
"""

from typing import Literal
from uuid import UUID

from sqlalchemy import func, select

from amis.concessions.cards import list_cards
from amis.issuing.errors import ProductUnknown, StockNoteMissing, StockPiecesInvalid, StockShort
from amis.issuing.stock_books import balance, balances, movements
from amis.issuing.stock_models import BureauItem, StockMovement
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.locks import Lock

MOST_PIECES = 100_000
__all__ = [
    "allocate",
    "balance",
    "balances",
    "count",
    "destroy",
    "give_back",
    "movements",
    "receive",
    "spoil",
    "use",
]
Kind = Literal["received", "allocated", "used", "spoiled", "returned", "destroyed", "counted"]


async def receive(tx: Transaction, product: str, pieces: int, note: str) -> None:
    """Cards came from the supplier into the store; `note` names the delivery.

    Raises:
        ProductUnknown, StockPiecesInvalid, StockNoteMissing
    """
    _check(pieces, note)
    await _hold(tx, product)
    await _move(tx, None, product, "received", pieces, note)


async def allocate(tx: Transaction, desk_id: UUID, product: str, pieces: int, note: str = "") -> None:
    """Cards go from the store to a desk.

    Raises:
        ProductUnknown, StockPiecesInvalid, StockShort
    """
    await _carry(tx, (None, desk_id), product, "allocated", pieces, note)


async def give_back(tx: Transaction, desk_id: UUID, product: str, pieces: int, note: str = "") -> None:
    """Cards go from a desk back to the store.

    Raises:
        ProductUnknown, StockPiecesInvalid, StockShort
    """
    await _carry(tx, (desk_id, None), product, "returned", pieces, note)


async def use(tx: Transaction, desk_id: UUID, product: str, token_id: UUID) -> int:
    """A blank card of a desk became the card `token_id`; how many are left there, below zero if it had none.

    Once for each card: asked again it changes nothing. A card that a bureau printed was never a blank one here.

    Raises:
        ProductUnknown
    """
    await _hold(tx, product)
    if not await _told(tx, "used", token_id) and not await _printed_by_bureau(tx, token_id):
        await _move(tx, desk_id, product, "used", -1, "", token_id)
    return await balance(tx, desk_id, product)


async def spoil(
    tx: Transaction, desk_id: UUID | None, product: str, note: str, *, pieces: int = 1, token_id: UUID | None = None
) -> None:
    """Cards were spoiled; `token_id` names the card for which one was meant, whose blank is then not taken by hand.

    Raises:
        ProductUnknown, StockPiecesInvalid, StockNoteMissing, StockShort
    """
    _check(pieces, note)
    await _hold(tx, product)
    if token_id is None:
        await _demand(tx, desk_id, product, pieces)
    await _move(tx, desk_id, product, "spoiled", -pieces, note, token_id)


async def destroy(tx: Transaction, desk_id: UUID | None, product: str, pieces: int, note: str) -> None:
    """Blank cards were destroyed; `note` names the record of it.

    Raises:
        ProductUnknown, StockPiecesInvalid, StockNoteMissing, StockShort
    """
    _check(pieces, note)
    await _hold(tx, product)
    await _demand(tx, desk_id, product, pieces)
    await _move(tx, desk_id, product, "destroyed", -pieces, note)


async def count(tx: Transaction, desk_id: UUID | None, product: str, counted: int, note: str = "") -> int:
    """Somebody counted the cards; the difference to the books, which from now on say what was counted.

    Raises:
        ProductUnknown, StockPiecesInvalid, StockNoteMissing: there is a difference, and nobody says why.
    """
    if not 0 <= counted <= MOST_PIECES:
        raise StockPiecesInvalid(pointer="/pieces")
    await _hold(tx, product)
    difference = counted - await balance(tx, desk_id, product)
    if difference and not note.strip():
        raise StockNoteMissing(pointer="/note")
    await _move(tx, desk_id, product, "counted", difference, note)
    return difference


def _check(pieces: int, note: str) -> None:
    if not 1 <= pieces <= MOST_PIECES:
        raise StockPiecesInvalid(pointer="/pieces")
    if not note.strip():
        raise StockNoteMissing(pointer="/note")


async def _carry(
    tx: Transaction, way: tuple[UUID | None, UUID | None], product: str, kind: Kind, pieces: int, note: str
) -> None:
    if not 1 <= pieces <= MOST_PIECES:
        raise StockPiecesInvalid(pointer="/pieces")
    await _hold(tx, product)
    await _demand(tx, way[0], product, pieces)
    await _move(tx, way[0], product, kind, -pieces, note)
    await _move(tx, way[1], product, kind, pieces, note)


async def _hold(tx: Transaction, product: str) -> None:
    """Movements of one municipality follow one another: a balance that was looked at holds until it is written."""
    if product not in {row.code for row in await list_cards(tx)}:
        raise ProductUnknown(product, pointer="/product")
    await tx.session.execute(select(func.pg_advisory_xact_lock(Lock.STOCK, tx.municipality_id)))


async def _demand(tx: Transaction, desk_id: UUID | None, product: str, pieces: int) -> None:
    if await balance(tx, desk_id, product) < pieces:
        raise StockShort(pointer="/pieces")


async def _told(tx: Transaction, kind: Kind, token_id: UUID) -> bool:
    movement = StockMovement
    query = select(movement.id).where(movement.token_id == token_id, movement.kind == kind)
    return await tx.session.scalar(query.limit(1)) is not None


async def _printed_by_bureau(tx: Transaction, token_id: UUID) -> bool:
    query = select(BureauItem.line).where(BureauItem.token_id == token_id, BureauItem.result == "produced")
    return await tx.session.scalar(query.limit(1)) is not None


async def _move(
    tx: Transaction,
    desk_id: UUID | None,
    product: str,
    kind: Kind,
    pieces: int,
    note: str,
    token_id: UUID | None = None,
) -> None:
    row = StockMovement(
        id=new_id(),
        municipality_id=tx.municipality_id,
        desk_id=desk_id,
        product=product,
        kind=kind,
        pieces=pieces,
        at=tx.at,
        moved_by=tx.actor.id,
        note=note.strip(),
        token_id=token_id,
    )
    tx.session.add(row)
    after = {"desk": None if desk_id is None else str(desk_id), "product": product, "pieces": pieces}
    await audit.record(tx, f"stock.{kind}", ("stock", row.id), after=after, reason=row.note)

"""Orders to a bureau: the approved cards that it prints, and the file for it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from amis.issuing import minting
from amis.issuing.batch_files import Order, order_file, order_signature
from amis.issuing.batch_store import batch_cards, get_batch, lock_batch
from amis.issuing.card_models import TokenApplication
from amis.issuing.card_prints import ordered_face
from amis.issuing.errors import BatchEmpty
from amis.issuing.models import Token
from amis.issuing.stock_models import BureauBatch, BureauItem
from amis.kernel import audit
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.locks import Lock
from amis.kernel.models import Municipality
from cards.face import Face
from cards.token import Kind, State

MOST_CARDS = 500
"""Cards of one order; what is left waits for the next."""


async def make_batch(tx: Transaction, product: str, *, posted_only: bool) -> BureauBatch:
    """Orders the approved cards of a product, the oldest first; `posted_only` leaves out those made at a desk.

    Raises:
        BatchEmpty
    """
    await tx.session.execute(select(func.pg_advisory_xact_lock(Lock.STOCK, tx.municipality_id)))
    tokens = await _waiting(tx, product, posted_only)
    if not tokens:
        raise BatchEmpty(pointer="/product")
    highest = select(func.max(BureauBatch.number)).where(BureauBatch.municipality_id == tx.municipality_id)
    batch = BureauBatch(
        id=new_id(),
        municipality_id=tx.municipality_id,
        product=product,
        number=(await tx.session.scalar(highest) or 0) + 1,
        state="open",
        made_at=tx.at,
        made_by=tx.actor.id,
    )
    tx.session.add(batch)
    await tx.session.flush()
    tx.session.add_all(
        BureauItem(batch_id=batch.id, line=line, municipality_id=tx.municipality_id, token_id=token, note="")
        for line, token in enumerate(tokens, 1)
    )
    made = {"number": batch.number, "product": product, "cards": len(tokens)}
    await audit.record(tx, "batch.make", ("bureau_batch", batch.id), after=made)
    return batch


async def _waiting(tx: Transaction, product: str, posted_only: bool) -> Sequence[UUID]:
    ordered = select(BureauItem.token_id).where(BureauItem.token_id == Token.id, BureauItem.result.is_(None))
    conditions: list[ColumnElement[bool]] = [
        Token.municipality_id == tx.municipality_id,
        Token.kind == Kind.CARD.value,
        Token.state == State.APPROVED.value,
        Token.card_uid.is_(None),
        TokenApplication.product == product,
        ~ordered.exists(),
    ]
    if posted_only:
        conditions.append(TokenApplication.delivery == "post")
    query = select(Token.id).join(TokenApplication, TokenApplication.id == Token.application_id).where(*conditions)
    return (await tx.session.scalars(query.order_by(Token.requested_at, Token.id).limit(MOST_CARDS))).all()


async def batch_file(tx: Transaction, batch_id: UUID, purpose: str) -> tuple[Order, bytes]:
    """The file of an order; every holder in it is opened for `purpose`, and that is logged.

    Raises:
        BatchUnknown, PurposeMissing, PersonErased
    """
    batch = await get_batch(tx, batch_id)
    faces: list[Face] = [await ordered_face(tx, card.token, purpose) for card in await batch_cards(tx, batch_id)]
    order = await _order(tx, batch)
    file = order_file(order, faces)
    await audit.record(tx, "batch.read", ("bureau_batch", batch.id), after={"cards": len(faces)}, reason=purpose)
    return order, file


async def batch_signature(tx: Transaction, batch_id: UUID, purpose: str) -> tuple[Order, bytes]:
    """The signed digest of the file of an order, made anew.

    Raises:
        BatchUnknown, PurposeMissing, PersonErased
    """
    order, file = await batch_file(tx, batch_id, purpose)
    cards = len(await batch_cards(tx, batch_id))
    return order, order_signature(order, cards, file, await minting.issuer(tx))


async def _order(tx: Transaction, batch: BureauBatch) -> Order:
    code = (await tx.session.get_one(Municipality, tx.municipality_id)).code
    return Order(code, batch.number, batch.product, batch.made_at.astimezone(RIGA).date())


async def send_batch(tx: Transaction, batch_id: UUID) -> None:
    """Notes that the order went to the bureau; said again it changes nothing.

    Raises:
        BatchUnknown
    """
    batch = await lock_batch(tx, batch_id)
    if batch.state == "open":
        batch.state, batch.sent_at = "sent", tx.at
        await audit.record(tx, "batch.send", ("bureau_batch", batch.id), after={"number": batch.number})

"""A chip that a card was begun on and that is not used after all: the register, the stock and the work let it go."""

from uuid import UUID

from amis.issuing import desk_store, operations, production, request_store, stock, store
from amis.issuing.errors import DeskBusy, StepRefused
from amis.issuing.models import Token
from amis.issuing.reasons import SpoilReason
from amis.kernel.db import Transaction


async def give_up(tx: Transaction, desk_id: UUID, token_id: UUID) -> None:
    """Puts the chip that work on a card began on with the spoiled ones, so that another one is taken.

    Raises:
        TokenUnknown, StepRefused: no chip is taken yet, or the card is made. DeskBusy: it is being written just now.
    """
    work = await desk_store.open_operation_of(tx, token_id)
    if work is not None:
        # a desk that is about to turn to it waits for us, or has begun by now
        work = await desk_store.get_operation(tx, work.id, locked=True)
        if work.state == "running":
            raise DeskBusy
    token = await store.get_token(tx, token_id)
    if token.card_uid is None or token.keyset is not None:
        raise StepRefused
    if work is not None and work.state in desk_store.OPEN:
        await operations.finish(tx, work, "failed", "stopped")
    await spoil(tx, desk_id, token, SpoilReason.DEFECTIVE)


async def spoil(tx: Transaction, desk_id: UUID, token: Token, why: SpoilReason) -> None:
    """Lets go of the chip of a card, and counts it among the spoiled ones unless it was merely the wrong card."""
    uid = token.card_uid
    if uid is None or token.application_id is None:
        return
    await production.spoil(tx, token.id, uid, why)
    if why is not SpoilReason.WRONG_CARD:
        asked = (await request_store.get_request(tx, token.application_id)).request
        await stock.spoil(tx, desk_id, asked.product, uid.hex(), token_id=token.id)

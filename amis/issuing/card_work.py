"""What each kind of work on a card reads and writes in the register before and after the chip is at hand."""

from uuid import UUID

from amis.issuing import card_keys, chips, print_queue, production, request_store, stock, store
from amis.issuing.card_content import content_of
from amis.issuing.card_models import CardOperation
from amis.issuing.desk_store import get_desk
from amis.issuing.desk_work import Prepare, Task, nothing_to_undo
from amis.issuing.errors import CardNotOfToken, DeskWorkRefused
from amis.issuing.operations import Work
from amis.issuing.reasons import SpoilReason
from amis.kernel.db import Transaction
from cards import profile
from cards.errors import (
    CardDamaged,
    CardElsewhere,
    CardFull,
    CardsError,
    CardTaken,
    ChipTooSmall,
    Counterfeit,
    ForeignCard,
    WrongProduct,
)
from cards.profile import Personalised, PublicCard, Renewed, Verified

_OTHERS = (WrongProduct, ChipTooSmall, CardFull, ForeignCard, Counterfeit, CardElsewhere, CardTaken)
"""What is wrong with a chip before anything is written to it: it is given back, and another one is taken."""
ROTATE_NEXT = "rotate"
"""What a check says of a card whose keys were changed halfway."""


async def prepare(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    """Makes an operation ready for the card with this UID.

    Raises:
        DeskWorkRefused, and what the kind of work raises.
    """
    return await _PREPARED[Work(operation.kind)](tx, operation, uid)


async def _personalise(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    token_id, desk_id, keyset = _token(operation), operation.desk_id, card_keys.keyset()
    untouched = (await store.get_token(tx, token_id)).card_uid is None
    await production.begin_production(tx, token_id, uid, keyset)
    content = await content_of(tx, token_id, uid)

    async def made(tx: Transaction, result: Personalised) -> str:
        await production.produced(tx, token_id, result.uid, result.keyset)
        await _use_blank(tx, token_id, desk_id)
        return ""

    async def refused(tx: Transaction, error: CardsError, written: bool) -> None:
        token = await store.get_token(tx, token_id)
        if token.keyset is None and isinstance(error, (*_OTHERS, CardDamaged)):
            # this attempt or an earlier one may have written the credential to it
            wrong = untouched and not written and isinstance(error, _OTHERS)
            await chips.spoil(tx, desk_id, token, SpoilReason.WRONG_CARD if wrong else SpoilReason.DEFECTIVE)

    keys = card_keys.keys_for(tx.municipality_id)
    return Task(profile.personalise(content, keyset, keys, uid=uid), keyset, made, refused)


async def _use_blank(tx: Transaction, token_id: UUID, desk_id: UUID) -> None:
    """Takes the blank card out of the stock, and has the face printed where the desk has a printer."""
    token, desk = await store.get_token(tx, token_id), await get_desk(tx, desk_id)
    if token.application_id is not None:
        asked = (await request_store.get_request(tx, token.application_id)).request
        await stock.use(tx, desk_id, asked.product, token_id)
    if desk.printer and not await print_queue.jobs_of(tx, token_id):
        await print_queue.queue_print(tx, token_id, desk_id, "face")


async def _verify(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    number = (await store.get_token(tx, _token(operation))).number

    async def seen(tx: Transaction, result: Verified) -> str:
        if not result.header.names(number):
            raise CardNotOfToken
        return "" if result.whole else ROTATE_NEXT

    procedure = profile.verify(tx.municipality_id, card_keys.keys_for(tx.municipality_id), uid=uid)
    return Task(procedure, None, seen, nothing_to_undo)


async def _read(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    async def seen(tx: Transaction, result: PublicCard) -> str:
        return result.header.number

    return Task(profile.read_public(), None, seen, nothing_to_undo)


async def _update(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    token_id, keyset = _token(operation), card_keys.keyset()
    content = await content_of(tx, token_id, uid)

    async def done(tx: Transaction, result: Personalised) -> str:
        await production.updated(tx, token_id, result.uid)
        await _rekeyed(tx, token_id, result.uid, result.keyset)
        return ""

    keys = card_keys.keys_for(tx.municipality_id)
    return Task(profile.update(content, keyset, keys, uid=uid), keyset, done, nothing_to_undo)


async def _rotate(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    token_id, keyset = _token(operation), card_keys.keyset()

    async def done(tx: Transaction, result: Renewed) -> str:
        await _rekeyed(tx, token_id, result.uid, result.keyset)
        return ""

    procedure = profile.rotate(tx.municipality_id, keyset, card_keys.keys_for(tx.municipality_id), uid=uid)
    return Task(procedure, keyset, done, nothing_to_undo)


async def _rekeyed(tx: Transaction, token_id: UUID, uid: bytes, keyset: int) -> None:
    if (await store.get_token(tx, token_id)).keyset != keyset:
        await production.rekeyed(tx, token_id, uid, keyset)


async def _retire(tx: Transaction, operation: CardOperation, uid: bytes) -> Task:
    async def emptied(tx: Transaction, result: bytes) -> str:
        return ""

    procedure = profile.retire(tx.municipality_id, card_keys.keys_for(tx.municipality_id), uid=uid)
    return Task(procedure, None, emptied, nothing_to_undo)


def _token(operation: CardOperation) -> UUID:
    if operation.token_id is None:
        raise DeskWorkRefused
    return operation.token_id


_PREPARED: dict[Work, Prepare] = {
    Work.PERSONALISE: _personalise,
    Work.VERIFY: _verify,
    Work.READ: _read,
    Work.UPDATE: _update,
    Work.ROTATE: _rotate,
    Work.RETIRE: _retire,
}

"""Making a card: which chip it is, when work on it begins, and that it is done or given up.

What is written to the chip comes from card_content.
"""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from amis.issuing import store
from amis.issuing.card_tokens import make_again
from amis.issuing.errors import AnotherChip, ChipTaken, StepRefused
from amis.issuing.life import mark_updated, step
from amis.issuing.models import Token
from amis.issuing.reasons import SpoilReason, of_list
from amis.kernel import audit
from amis.kernel.db import Transaction
from cards.token import Event, Kind, State

_AT_THE_DESK = (State.APPROVED, State.PRODUCED)


async def begin_production(tx: Transaction, token_id: UUID, uid: bytes, keyset: int) -> Token:
    """Ties a card to a chip, by its 7-byte UID, before the first key of the chip changes; safe to repeat.

    Raises:
        TokenUnknown, StepRefused, ChipTaken, AnotherChip
    """
    token = await _locked(tx, token_id)
    if token.card_uid == uid:
        return token
    if token.card_uid is not None:
        raise AnotherChip
    try:
        async with tx.session.begin_nested():
            token.card_uid = uid
    except IntegrityError as error:  # UNIQUE (card_uid) among live cards of all municipalities
        raise ChipTaken from error
    begun = {"uid": uid.hex(), "keyset": keyset}
    await audit.record(tx, "token.encode", ("token", token.id), after=begun)
    return token


async def produced(tx: Transaction, token_id: UUID, uid: bytes, keyset: int | None) -> Token:
    """Notes that the chip is written with the keys of `keyset`, or printed by a bureau and yet to be written (None).

    Safe to repeat.

    Raises:
        TokenUnknown, StepRefused, AnotherChip, ChipTaken
    """
    token = await begin_production(tx, token_id, uid, keyset or 0)
    if keyset is not None and token.keyset != keyset:
        token.keyset = keyset
        await audit.record(tx, "token.encoded", ("token", token.id), after={"uid": uid.hex(), "keyset": keyset})
    if token.state == State.APPROVED:
        await step(tx, token, Event.PRODUCE)
    return token


async def spoil(tx: Transaction, token_id: UUID, uid: bytes, why: str) -> Token:
    """Gives up a chip; the card to go on with. `why` is one of reasons.SpoilReason.

    A chip that may have been written carries what was signed for it, so that its card ends and another one is made for
    the same application. Where it was merely the wrong card, or nothing was signed for it, the card stays the same.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused, AnotherChip
    """
    reason = of_list(why, SpoilReason)
    token = await _locked(tx, token_id)
    if token.card_uid != uid:
        raise AnotherChip
    await audit.record(tx, "token.spoil", ("token", token.id), before={"uid": uid.hex()}, reason=reason)
    if reason != SpoilReason.WRONG_CARD and await store.newest_credential(tx, token.id) is not None:
        return await make_again(tx, token)
    token.card_uid = token.keyset = None
    await tx.session.flush()
    return token


async def spoil_made(tx: Transaction, token_id: UUID, why: str) -> Token:
    """Gives up a card that is made and not handed over; the card to go on with. Its blank has left the stock already.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused
    """
    token = await _locked(tx, token_id)
    if token.card_uid is None or token.keyset is None:
        raise StepRefused
    return await spoil(tx, token_id, token.card_uid, why)


async def rekeyed(tx: Transaction, token_id: UUID, uid: bytes, keyset: int) -> Token:
    """Notes that the keys of a card in use are now those of `keyset`.

    Raises:
        TokenUnknown, StepRefused, AnotherChip
    """
    token = await _in_use(tx, token_id, uid)
    before, token.keyset = {"keyset": token.keyset}, keyset
    await audit.record(tx, "token.rekey", ("token", token.id), before=before, after={"keyset": keyset})
    return token


async def updated(tx: Transaction, token_id: UUID, uid: bytes) -> Token:
    """Notes that a card in use carries the rights of now again.

    Raises:
        TokenUnknown, StepRefused, AnotherChip
    """
    token = await _in_use(tx, token_id, uid)
    await mark_updated(tx, token)
    return token


async def _locked(tx: Transaction, token_id: UUID) -> Token:
    token = await store.lock_token(tx, token_id)
    if token.kind != Kind.CARD or token.state not in _AT_THE_DESK:
        raise StepRefused
    return token


async def _in_use(tx: Transaction, token_id: UUID, uid: bytes) -> Token:
    token = await store.lock_token(tx, token_id)
    if token.kind != Kind.CARD or token.state != State.ACTIVE:
        raise StepRefused
    if token.card_uid != uid:
        raise AnotherChip
    return token

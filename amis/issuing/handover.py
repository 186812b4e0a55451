"""A card comes to its holder, or never does: over the desk, by post, lost before or after.

The card before it ends in the moment in which the new one is active. A found card is never revived.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from amis.issuing import request_store, store
from amis.issuing.card_models import TokenApplication
from amis.issuing.errors import CardRequestedAlready, FeeUnpaid, NotEncoded, PostedOnInvalid, StepRefused, TokenHeld
from amis.issuing.fees import police_reference as checked_reference
from amis.issuing.life import is_held, step
from amis.issuing.losses import take_out
from amis.issuing.models import Token
from amis.issuing.reasons import GONE, RequestReason, of_list
from amis.issuing.request_store import Line
from amis.issuing.requests import CardRequest, request, settle
from amis.issuing.working_days import after_working_days
from amis.kernel.db import Transaction
from amis.kernel.errors import Conflict, Invalid
from amis.register import store as register
from amis.web.i18n import mark
from cards.token import EndReason, Event, Kind, State

DAYS_TO_ARRIVE = 20
"""Working days after which a posted card counts as lost."""
DEEMED_LOST = mark("deemed lost")


async def hand_over(tx: Transaction, token_id: UUID) -> Token:
    """Gives a produced card to its holder at the desk: it is active at once.

    Raises:
        TokenUnknown, StepRefused, NotEncoded, FeeUnpaid, TokenHeld
    """
    token = await _ready(tx, token_id)
    await step(tx, token, Event.ISSUE)
    await _activate(tx, token)
    return token


async def post(tx: Transaction, token_id: UUID, day: date) -> Token:
    """Sends a produced card by post on a local day; it is active when its holder says that it came.

    Raises:
        TokenUnknown, StepRefused, NotEncoded, FeeUnpaid, TokenHeld
        PostedOnInvalid: not yet, or before the card was asked for.
    """
    token = await _ready(tx, token_id)
    if not token.valid_from <= day <= tx.day:
        raise PostedOnInvalid(pointer="/posted_on")
    token.posted_on = day
    await step(tx, token, Event.ISSUE)
    return token


async def received(tx: Transaction, token_id: UUID) -> Token:
    """Makes a posted card active, as its holder has it.

    Raises:
        TokenUnknown, StepRefused, TokenHeld
    """
    token = await _locked(tx, token_id)
    if token.kind != Kind.CARD or token.state != State.ISSUED:
        raise StepRefused
    await _activate(tx, token)
    return token


def last_day_to_arrive(posted: date) -> date:
    """The last day on which a card that was posted on a day may still come."""
    return after_working_days(posted, DAYS_TO_ARRIVE)


async def not_received(tx: Transaction) -> int:
    """Ends the cards that were posted and did not come within twenty working days; how many. Safe to repeat."""
    query = select(Token).where(
        Token.municipality_id == tx.municipality_id,
        Token.state == State.ISSUED.value,
        Token.posted_on < tx.day,
    )
    rows = await tx.session.scalars(query.order_by(Token.id).with_for_update(skip_locked=True))
    late = [row for row in rows if row.posted_on and last_day_to_arrive(row.posted_on) < tx.day]
    for token in late:
        await step(tx, token, Event.END, EndReason.LOST, DEEMED_LOST)
        await settle(tx, token)
    return len(late)


async def report_lost(
    tx: Transaction, token_id: UUID, reason: str, police_reference: str = "", *, desk_id: UUID | None = None
) -> Line | None:
    """Blocks a lost or stolen card at once and asks for another one.

    An application that waits already is the one that is given back. None where another card cannot be asked for, as
    nothing is granted or the product is no longer sold: that keeps no lost card alive.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused, TokenHeld, PoliceReferenceInvalid
    """
    why = RequestReason(of_list(reason, GONE))
    reference = checked_reference(police_reference, why)
    await register.lock_person(tx, (await store.get_token(tx, token_id)).person_id)
    token = await store.lock_token(tx, token_id)
    if token.application_id is None or token.state == State.ENDED:
        raise StepRefused
    await take_out(tx, token, why.value)
    if token.state == State.ENDED:
        await settle(tx, token)
    before = (await request_store.get_request(tx, token.application_id)).request
    return await _ask_again(tx, before, why, token.id, reference, desk_id)


async def _ask_again(
    tx: Transaction, before: TokenApplication, why: RequestReason, lost: UUID, reference: str, desk_id: UUID | None
) -> Line | None:
    asked = CardRequest(
        before.person_id,
        before.product,
        why.value,
        before.delivery,
        desk_id=desk_id or before.desk_id,
        replaces=lost,
        police_reference=reference,
    )
    try:
        async with tx.session.begin_nested():
            return Line(await request(tx, asked), None)
    except CardRequestedAlready:
        lines = await request_store.requests_of(tx, asked.person_id)
        return next(line for line in lines if line.request.product == asked.product)
    except (Conflict, Invalid):
        return None


async def _ready(tx: Transaction, token_id: UUID) -> Token:
    token = await _locked(tx, token_id)
    if token.application_id is None or token.state != State.PRODUCED:
        raise StepRefused
    if token.card_uid is None or token.keyset is None:
        raise NotEncoded
    asked = (await request_store.get_request(tx, token.application_id)).request
    if asked.fee and asked.paid_at is None:
        raise FeeUnpaid
    return token


async def _locked(tx: Transaction, token_id: UUID) -> Token:
    """The card, locked after its holder and the holder's other tokens, none of which is held against the holder."""
    person = await register.lock_person(tx, (await store.get_token(tx, token_id)).person_id)
    if any(map(is_held, await store.lock_open_tokens(tx, person.id))):
        raise TokenHeld
    return await store.lock_token(tx, token_id)


async def _activate(tx: Transaction, token: Token) -> None:
    await step(tx, token, Event.ACTIVATE)
    before = token.replaces
    while before is not None:  # one that was posted and never came stands between this card and the one in use
        old = await store.lock_token(tx, before)
        if old.state != State.ENDED:
            await step(tx, old, Event.END, EndReason.REPLACED)
        before = old.replaces if old.activated_at is None else None
    await settle(tx, token)

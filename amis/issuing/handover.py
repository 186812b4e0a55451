"""A card comes to its holder, or never does: over the desk, by post, lost before or after.

The card before it ends in the moment in which the new one is active. A found card is never revived.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from amis.issuing import minting, request_store, store
from amis.issuing.errors import CardRequestedAlready, FeeUnpaid, NotEncoded, PostedOnInvalid, StepRefused
from amis.issuing.life import step
from amis.issuing.losses import take_out
from amis.issuing.models import Token
from amis.issuing.reasons import GONE, of_list
from amis.issuing.request_store import Line
from amis.issuing.requests import CardRequest, request, settle
from amis.issuing.working_days import after_working_days
from amis.kernel.db import Transaction
from amis.register import store as register
from amis.web.i18n import mark
from cards.token import EndReason, Event, Kind, State

DAYS_TO_ARRIVE = 20
"""Working days after which a posted card counts as lost."""
DEEMED_LOST = mark("deemed lost")


async def hand_over(tx: Transaction, token_id: UUID) -> Token:
    """Gives a produced card to its holder at the desk: it is active at once.

    Raises:
        TokenUnknown, StepRefused, NotEncoded, FeeUnpaid
    """
    token = await _ready(tx, token_id)
    await step(tx, token, Event.ISSUE)
    await _activate(tx, token)
    return token


async def post(tx: Transaction, token_id: UUID, day: date) -> Token:
    """Sends a produced card by post on a local day; it is active when its holder says that it came.

    Raises:
        TokenUnknown, StepRefused, NotEncoded, FeeUnpaid, PostedOnInvalid: not yet, or before the card was asked for.
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
        TokenUnknown, StepRefused
    """
    token = await store.lock_token(tx, token_id)
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
    """Blocks a lost or stolen card at once and asks for another one; None where nothing is left to carry.

    An application that waits already is the one that is given back.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused, TokenHeld, PoliceReferenceInvalid, PersonErased, HolderDied
    """
    why = of_list(reason, GONE)
    await register.lock_person(tx, (await store.get_token(tx, token_id)).person_id)
    token = await store.lock_token(tx, token_id)
    if token.application_id is None or token.state == State.ENDED:
        raise StepRefused
    await take_out(tx, token, why)
    if not minting.promised(await minting.granted_days(tx, token.person_id), tx.day, tx.day):
        return None
    before = (await request_store.get_request(tx, token.application_id)).request
    asked = CardRequest(
        token.person_id,
        before.product,
        why,
        before.delivery,
        desk_id=desk_id or before.desk_id,
        replaces=token.id,
        photo_id=before.photo_id,
        police_reference=police_reference,
    )
    try:
        return Line(await request(tx, asked), None)
    except CardRequestedAlready:
        lines = await request_store.requests_of(tx, token.person_id)
        return next(line for line in lines if line.request.product == before.product)


async def _ready(tx: Transaction, token_id: UUID) -> Token:
    token = await store.lock_token(tx, token_id)
    if token.application_id is None or token.state != State.PRODUCED:
        raise StepRefused
    if token.card_uid is None or token.keyset is None:
        raise NotEncoded
    asked = (await request_store.get_request(tx, token.application_id)).request
    if asked.fee and asked.paid_at is None:
        raise FeeUnpaid
    return token


async def _activate(tx: Transaction, token: Token) -> None:
    await step(tx, token, Event.ACTIVATE)
    if token.replaces is not None:
        old = await store.lock_token(tx, token.replaces)
        if old.state != State.ENDED:
            await step(tx, old, Event.END, EndReason.REPLACED)
    await settle(tx, token)

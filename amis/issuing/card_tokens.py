"""The card behind an application: which one it replaces, and the new one."""

from datetime import date
from uuid import UUID

from amis.concessions.models import CardProduct
from amis.issuing import store
from amis.issuing.card_models import TokenApplication
from amis.issuing.errors import CardReplacedAlready, CardRequestedAlready, CardThere, NoCardToReplace, ReportedGone
from amis.issuing.life import step
from amis.issuing.losses import take_out
from amis.issuing.models import Token
from amis.issuing.new_tokens import begin
from amis.issuing.reasons import GONE, SUCCEEDS, RequestReason
from amis.issuing.request_store import IN_THE_MAKING, Line, requests_of
from amis.kernel.db import Transaction
from amis.web.i18n import mark
from cards.token import EndReason, Event, Kind, State
from rules.shift import add_months

SPOILED = mark("spoiled while it was made")


async def to_replace(
    tx: Transaction, person_id: UUID, product: str, reason: RequestReason, named: UUID | None
) -> Token | None:
    """The card that the new one takes the place of, locked; a lost or stolen one is blocked now. None for a first card.

    Raises:
        CardRequestedAlready, CardThere, NoCardToReplace, CardReplacedAlready, ReportedGone, TokenHeld, StepRefused
    """
    lines = [line for line in await requests_of(tx, person_id) if line.request.product == product]
    if any(_is_open(line) for line in lines):
        raise CardRequestedAlready
    had = [line.token for line in lines if line.token is not None and _left_the_office(line.token)]
    if reason not in SUCCEEDS:
        if had:
            raise CardThere(pointer="/reason")
        return None
    old = next((token for token in had if named in (None, token.id)), None)
    if old is None:
        raise NoCardToReplace(pointer="/reason")
    old = _newest_in_its_place(old, had)
    if await store.successor_of(tx, old.id) is not None:
        raise CardReplacedAlready
    locked = await store.lock_token(tx, old.id)
    if reason.value in GONE:
        await take_out(tx, locked, reason.value)
    elif locked.reason in GONE:
        # another reason would cost less and would not be counted among the losses
        raise ReportedGone(pointer="/reason")
    return locked


async def make(tx: Transaction, request: TokenApplication, product: CardProduct) -> Token:
    """The card of an approved application, to be produced; it lasts as many months as the product says.

    Raises:
        CardReplacedAlready
    """
    if request.replaces is not None and await store.successor_of(tx, request.replaces) is not None:
        raise CardReplacedAlready
    return await _place(tx, request.id, request.person_id, request.replaces, add_months(tx.day, product.valid_months))


async def make_again(tx: Transaction, spoiled: Token) -> Token:
    """Another card for the application of a locked one whose chip was written and spoiled.

    It has a number and a place in the status lists of its own: what the spoiled chip carries is signed, and has to stay
    refused where there is no connection.

    Raises:
        StepRefused
    """
    assert spoiled.application_id is not None
    replaces = spoiled.replaces
    await step(tx, spoiled, Event.END, EndReason.DAMAGED, SPOILED)
    return await _place(tx, spoiled.application_id, spoiled.person_id, replaces, spoiled.valid_to)


async def _place(
    tx: Transaction, request_id: UUID, person_id: UUID, replaces: UUID | None, valid_to: date | None
) -> Token:
    token = await begin(tx, person_id, Kind.CARD, valid_to, replaces, request_id)
    await step(tx, token, Event.APPROVE)
    return token


def _is_open(line: Line) -> bool:
    making = line.token is not None and line.token.state in IN_THE_MAKING
    return line.request.state in ("submitted", "referred") or making


def _newest_in_its_place(old: Token, had: list[Token]) -> Token:
    """The card itself, or what was posted in its place and never came: the next one takes the place of both."""
    never_came = {one.replaces: one for one in had if one.state == State.ENDED and one.activated_at is None}
    while old.id in never_came:
        old = never_came[old.id]
    return old


def _left_the_office(token: Token) -> bool:
    return token.activated_at is not None or token.posted_on is not None

"""What the page of a token shows where the token is a card."""

from dataclasses import dataclass
from datetime import date

from amis.issuing import request_store
from amis.issuing.card_models import TokenApplication
from amis.issuing.handover import DAYS_TO_ARRIVE, last_day_to_arrive
from amis.issuing.models import Token
from amis.issuing.reasons import GONE, HELD, RequestReason
from amis.issuing.store import successor_of
from amis.kernel.db import Transaction
from cards.token import State


@dataclass(frozen=True, slots=True)
class CardView:
    """A card's application and the steps that are offered.

    `ask`: why another card would be asked for, empty where none can be; `deemed_lost`: a posted one is after that day.
    """

    request: TokenApplication
    lost: bool
    hand_over: bool
    received: bool
    ask: str
    deemed_lost: date | None
    days: int = DAYS_TO_ARRIVE


async def card_view(tx: Transaction, token: Token) -> CardView | None:
    """The card behind a token; None where it is something else."""
    if token.application_id is None:
        return None
    asks, produces = tx.actor.may("card.request"), tx.actor.may("card.produce")
    state, out = State(token.state), token.state in (State.ISSUED, State.ACTIVE, State.BLOCKED)
    replaced = await successor_of(tx, token.id) is not None
    return CardView(
        (await request_store.get_request(tx, token.application_id)).request,
        lost=asks and out and not (state is State.BLOCKED and token.reason in GONE | HELD),
        hand_over=produces and state is State.PRODUCED and token.keyset is not None,
        received=produces and state is State.ISSUED,
        ask=_why_another(token) if asks and not replaced else "",
        deemed_lost=last_day_to_arrive(token.posted_on) if token.posted_on else None,
    )


def _why_another(token: Token) -> str:
    if token.reason in GONE:
        return token.reason
    if token.state == State.ACTIVE:
        return RequestReason.DAMAGED
    was_out = token.activated_at is not None or token.posted_on is not None
    return RequestReason.RENEWAL if token.state == State.ENDED and was_out else ""

"""Writes of issuing, one door for the rooms above: a token from issue to end, a card from request to holder."""

from uuid import UUID

from amis.issuing import minting, store
from amis.issuing.errors import NeverRevived, TokenHeld
from amis.issuing.handover import hand_over, not_received, post, received, report_lost
from amis.issuing.issuance import issue_qr, replace
from amis.issuing.life import mark_rights_changed, step
from amis.issuing.models import Token
from amis.issuing.photos import take_photo
from amis.issuing.production import begin_production, produced, rekeyed, spoil, updated
from amis.issuing.reasons import ENDED_BY_HAND, HELD, UnblockReason, of_list
from amis.issuing.requests import (
    CardRequest,
    approve_request,
    close_requests,
    pay,
    refuse_request,
    request,
    settle,
    withdraw_request,
)
from amis.kernel.db import Transaction
from cards.token import BlockReason, EndReason, Event, State, may_unblock

__all__ = [
    "CardRequest",
    "approve_request",
    "begin_production",
    "block",
    "close_all",
    "compare_rights",
    "end",
    "hand_over",
    "issue_qr",
    "not_received",
    "pay",
    "post",
    "produced",
    "received",
    "refuse_request",
    "rekeyed",
    "replace",
    "report_lost",
    "request",
    "spoil",
    "take_photo",
    "unblock",
    "updated",
    "withdraw_request",
]


async def block(tx: Transaction, token_id: UUID, reason: str) -> Token:
    """Blocks an active token, from the very next validation on; `reason` is one of cards.token.BlockReason.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused
    """
    why = of_list(reason, BlockReason)
    token = await store.lock_token(tx, token_id)
    await step(tx, token, Event.BLOCK, why)
    return token


async def unblock(tx: Transaction, token_id: UUID, reason: str) -> Token:
    """Makes a blocked token active again; `reason` is one of reasons.UnblockReason.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused, NeverRevived: it was lost or stolen.
    """
    why = of_list(reason, UnblockReason)
    token = await store.lock_token(tx, token_id)
    if token.state == State.BLOCKED and not may_unblock(BlockReason(token.reason)):
        raise NeverRevived
    await step(tx, token, Event.UNBLOCK, why)
    return token


async def end(tx: Transaction, token_id: UUID, reason: str) -> Token:
    """Ends a token for ever; `reason` is one of reasons.ENDED_BY_HAND.

    Raises:
        TokenUnknown, ReasonUnknown, StepRefused, TokenHeld: ending it would open the way to a fresh one.
    """
    why = of_list(reason, ENDED_BY_HAND)
    token = await store.lock_token(tx, token_id)
    if token.state == State.BLOCKED and token.reason in HELD:
        raise TokenHeld
    await step(tx, token, Event.END, why)
    await settle(tx, token)
    return token


async def close_all(tx: Transaction, person_id: UUID, reason: str) -> int:
    """Ends every token of a person who died or moved away; how many. `reason` is one of cards.token.EndReason.

    What was asked for and is not decided yet is withdrawn.

    Raises:
        ReasonUnknown
    """
    why = of_list(reason, EndReason)
    tokens = await store.lock_open_tokens(tx, person_id)
    for token in tokens:
        await step(tx, token, Event.END, why)
        await settle(tx, token)
    await close_requests(tx, person_id, why)
    return len(tokens)


async def compare_rights(tx: Transaction, person_id: UUID) -> int:
    """Marks the person's tokens whose signed rights no longer hold as granted; how many newly are. Safe to repeat."""
    tokens = [one for one in await store.lock_open_tokens(tx, person_id) if not one.rights_changed]
    if not tokens:
        return 0
    days, today = await minting.granted_days(tx, person_id), tx.day
    marked = 0
    for token in tokens:
        rows = await store.credentials_out(tx, token.id)
        if not all(minting.still_hold(store.signed_rights(row), days, today) for row in rows):
            await mark_rights_changed(tx, token)
            marked += 1
    return marked

"""Cards that are gone: blocked in the moment in which somebody says so, and counted."""

from collections.abc import Collection
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import func, select

from amis.issuing.errors import StepRefused, TokenHeld
from amis.issuing.life import step
from amis.issuing.models import Token
from amis.issuing.reasons import GONE, HELD, UnblockReason
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.models import AuditEntry
from cards.token import Event, State
from rules.shift import add_months

MANY = 3
"""The loss within `MONTHS` that a supervisor looks at."""
MONTHS = 12


async def take_out(tx: Transaction, token: Token, reason: str) -> None:
    """Makes a locked token that was lost or stolen useless at once; nothing where that was done already.

    One that the post was to bring ends; one that the holder had blocked for a while is now blocked for good.

    Raises:
        TokenHeld: it is blocked against the holder, which stays as it is.
        StepRefused: it has not left the office yet.
    """
    state = State(token.state)
    if state is State.ENDED or (state is State.BLOCKED and token.reason in GONE):
        return
    if state is State.BLOCKED:
        if token.reason in HELD:
            raise TokenHeld
        await step(tx, token, Event.UNBLOCK, UnblockReason.HOLDER_REQUEST)
    if state is State.ISSUED:
        await step(tx, token, Event.END, reason)
    elif token.state == State.ACTIVE:
        await step(tx, token, Event.BLOCK, reason)
    else:
        raise StepRefused


async def count_losses(tx: Transaction, tokens: Collection[UUID]) -> int:
    """How many of these tokens were lost or stolen in the last twelve months, by the audit trail."""
    since = add_months(tx.day, -MONTHS) or tx.day
    query = select(func.count(AuditEntry.subject_id.distinct())).where(
        AuditEntry.municipality_id == tx.municipality_id,
        AuditEntry.subject_kind == "token",
        AuditEntry.subject_id.in_([str(token_id) for token_id in tokens]),
        AuditEntry.action.in_(("token.block", "token.end")),
        AuditEntry.reason.in_([reason.value for reason in GONE]),
        AuditEntry.at >= datetime.combine(since, time(), RIGA),
    )
    return await tx.session.scalar(query) or 0

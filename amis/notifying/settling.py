"""What came of a try to send: sent, tried again later, by another way, given up, or not needed any more."""

from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.notifying import contacts
from amis.notifying.channels import first_way
from amis.notifying.errors import NotSent, Refused, Unreachable
from amis.notifying.kinds import Channel, State
from amis.notifying.models import Message
from amis.register import store as register
from cards.errors import CardsError

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
"""After each failure, until the next try; after as many more it is given up, or goes another way."""
SILENCE = timedelta(minutes=5)
"""Until a provider that does not answer is asked again."""
LONGEST_ERROR = 200


async def settle(tx: Transaction, message_id: UUID, failure: NotSent | None, able: set[Channel]) -> None:
    """Writes down what came of a try: sent, tried again later, another way, or given up."""
    row = await tx.session.get_one(Message, message_id, with_for_update=True)
    if row.state != State.QUEUED:
        return
    if failure is None:
        row.sent_at = tx.at
        await end(tx, row, State.SENT, "")
        return
    row.error, row.lease_until = str(failure)[:LONGEST_ERROR] or type(failure).__name__.lower(), None
    if isinstance(failure, Unreachable):
        row.attempts, row.due_at = row.attempts - 1, tx.at + SILENCE
    elif not isinstance(failure, Refused) and row.attempts <= len(WAITS):
        row.due_at = tx.at + WAITS[row.attempts - 1]
    else:
        await _other_way(tx, row, able)
    await tx.session.flush()


async def _other_way(tx: Transaction, row: Message, able: set[Channel]) -> None:
    way = await _next_way(tx, row, able)
    if way is None:
        await end(tx, row, State.GIVEN_UP, row.error)
        return
    row.channel, row.attempts, row.due_at = way.value, 0, tx.at


async def _next_way(tx: Transaction, row: Message, able: set[Channel]) -> Channel | None:
    """The way after the one that failed; only what has to be told is worth another one."""
    if not row.legal:
        return None
    try:
        reach = await contacts.reach_of(tx, await register.get_person(tx, row.person_id))
    except (InvalidTag, CardsError):
        return None
    return first_way(reach, able, legal=True, tried=Channel(row.channel))


async def end(tx: Transaction, row: Message, state: State, error: str) -> None:
    """The message is in its last state, for now or for ever; `error` says why it was not sent."""
    row.state, row.error, row.lease_until = state.value, error, None
    await tx.session.flush()
    after = {"state": state.value, "channel": row.channel, "attempts": row.attempts, "error": error}
    await audit.record(tx, "holder_message.settle", ("holder_message", row.id), after=after)

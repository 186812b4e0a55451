"""Reads of notifying: messages of a person, what was given up, one in clear."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.errors import PurposeMissing
from amis.notifying.content import Content
from amis.notifying.errors import MessageUnknown
from amis.notifying.holding import Held, held
from amis.notifying.kinds import State
from amis.notifying.leasing import open_content
from amis.notifying.models import Message
from amis.register import store as register

MOST_SHOWN = 100
"""Messages that one page lists."""
COUNTED = timedelta(days=30)
"""Over which messages are counted by state."""

__all__ = ["COUNTED", "MOST_SHOWN", "Held", "counts", "get_message", "given_up", "held", "messages_of", "open_message"]


async def messages_of(tx: Transaction, person_id: UUID) -> Sequence[Message]:
    """The newest messages to a person, sealed."""
    query = select(Message).where(Message.municipality_id == tx.municipality_id, Message.person_id == person_id)
    newest = query.order_by(Message.created_at.desc(), Message.id.desc()).limit(MOST_SHOWN)
    return (await tx.session.scalars(newest)).all()


async def given_up(tx: Transaction) -> Sequence[Message]:
    """What could not be told, the newest first."""
    query = select(Message).where(Message.municipality_id == tx.municipality_id, Message.state == State.GIVEN_UP.value)
    return (await tx.session.scalars(query.order_by(Message.created_at.desc()).limit(MOST_SHOWN))).all()


async def counts(tx: Transaction) -> Mapping[str, int]:
    """How many messages of the last days stand in each state."""
    rows = await tx.session.execute(
        select(Message.state, func.count())
        .where(Message.municipality_id == tx.municipality_id, Message.created_at > tx.at - COUNTED)
        .group_by(Message.state)
    )
    return {str(state): int(count) for state, count in rows}


async def get_message(tx: Transaction, message_id: UUID, *, locked: bool = False) -> Message:
    """One message, sealed.

    Raises:
        MessageUnknown
    """
    query = select(Message).where(Message.municipality_id == tx.municipality_id, Message.id == message_id)
    row = await tx.session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise MessageUnknown
    return row


async def open_message(tx: Transaction, message_id: UUID, purpose: str) -> Content | None:
    """What a message says, for a stated purpose; None once it is not kept any more. The reading is logged.

    Raises:
        PurposeMissing, MessageUnknown
    """
    if not purpose.strip():
        raise PurposeMissing
    row = await get_message(tx, message_id)
    person = await register.get_person(tx, row.person_id)
    await audit.record(tx, "holder_message.read", ("holder_message", message_id), reason=purpose)
    return None if person.subject_key is None or row.sealed is None else open_content(person, row)

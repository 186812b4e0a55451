"""A message to somebody that did not arrive, for the walk along every route."""

from uuid import UUID

from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.notifying.models import Message


async def not_delivered(tx: Transaction, person: UUID) -> dict[str, UUID]:
    """Its id, by the name that paths give it."""
    message = Message(id=new_id(), municipality_id=tx.municipality_id, person_id=person, kinds=["ended"], legal=True)
    message.channel, message.language, message.state, message.error = "", "lv", "given_up", "no_way"
    message.created_at, message.due_at, message.attempts = tx.at, tx.at, 0
    tx.session.add(message)
    await tx.session.flush()
    return {"message_id": message.id}

"""A message that was given up goes out once more: by the way that its person has now."""

from collections.abc import Collection
from uuid import UUID

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.notifying import contacts
from amis.notifying.channels import first_way
from amis.notifying.errors import MessageNotStuck
from amis.notifying.kinds import Channel, State
from amis.notifying.models import Message
from amis.notifying.store import get_message
from amis.register import store as register


async def send_again(tx: Transaction, message_id: UUID, able: Collection[Channel]) -> Message:
    """Queues it; a message to somebody who still cannot be reached stays given up.

    Raises:
        MessageUnknown, MessageNotStuck
    """
    row = await get_message(tx, message_id, locked=True)
    person = await register.get_person(tx, row.person_id)
    if row.state != State.GIVEN_UP or row.sealed is None or person.died is not None:
        raise MessageNotStuck
    reach = await contacts.reach_of(tx, person)
    way = first_way(reach, able, legal=row.legal)
    if way is None:
        raise MessageNotStuck
    row.state, row.channel, row.attempts, row.due_at, row.error = State.QUEUED.value, way.value, 0, tx.at, ""
    await tx.session.flush()
    await audit.record(tx, "holder_message.again", ("holder_message", row.id), after={"channel": row.channel})
    return row

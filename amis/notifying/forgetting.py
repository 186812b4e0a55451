"""What is not kept: contacts of the erased, and texts of messages after a time."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from amis.kernel.db import Transaction
from amis.notifying.models import Contact, Message, News
from amis.register.models import Person

KEPT = timedelta(days=400)
"""How long the text of a message can be read again, and what led to it; that it was sent stays."""


async def forget(tx: Transaction) -> None:
    """Takes them out. What is of an erased person cannot be read from the very erasure on."""
    erased = select(Person.id).where(Person.municipality_id == tx.municipality_id, Person.erased_at.is_not(None))
    await tx.session.execute(
        delete(Contact).where(Contact.municipality_id == tx.municipality_id, Contact.person_id.in_(erased))
    )
    await tx.session.execute(
        update(Message)
        .where(
            Message.municipality_id == tx.municipality_id,
            Message.sealed.is_not(None),
            or_(Message.created_at < tx.at - KEPT, Message.person_id.in_(erased)),
        )
        .values(sealed=None)
    )
    # By then neither the feed nor a last day can bring it up again.
    await tx.session.execute(
        delete(News).where(News.municipality_id == tx.municipality_id, News.settled_at < tx.at - KEPT)
    )

"""Taking messages that are due: leased for a while to one worker, and opened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from sqlalchemy import or_, select

from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.sealed import subject_key, unseal
from amis.notifying import contacts, setting
from amis.notifying.channels import first_way
from amis.notifying.contacts import Reach
from amis.notifying.content import Content
from amis.notifying.kinds import Channel, State
from amis.notifying.models import Message
from amis.notifying.providers.provider import Outgoing
from amis.notifying.setting import Telling
from amis.notifying.settling import LONGEST_ERROR, SILENCE, end
from amis.register import store as register
from amis.register.models import Person
from cards.errors import CardsError

LEASE = timedelta(minutes=20)
"""How long a worker has for the messages that it took."""


@dataclass(frozen=True, slots=True, repr=False)
class Leased:
    """A message in hand."""

    channel: Channel
    outgoing: Outgoing


async def lease(
    tx: Transaction, telling: Telling, able: Collection[Channel], silent: Collection[Channel], most: int
) -> list[Leased]:
    """Takes messages that are due and opens them; what must not or cannot be sent any more is settled at once.

    `able` are the ways behind which a provider stands; those whose provider is `silent` now are left alone.
    """
    query = select(Message).where(
        Message.municipality_id == tx.municipality_id,
        Message.state == State.QUEUED.value,
        Message.channel.in_([way.value for way in able if way not in silent]),
        Message.due_at <= tx.at,
        or_(Message.lease_until.is_(None), Message.lease_until <= tx.at),
    )
    due = query.order_by(Message.due_at, Message.id).limit(most).with_for_update(skip_locked=True)
    found = []
    for row in list(await tx.session.scalars(due)):
        outgoing = await _outgoing(tx, telling, able, row)
        if outgoing is not None:
            row.attempts, row.lease_until = row.attempts + 1, tx.at + LEASE
            found.append(Leased(Channel(row.channel), outgoing))
    await tx.session.flush()
    return found


async def _outgoing(tx: Transaction, telling: Telling, able: Collection[Channel], row: Message) -> Outgoing | None:
    """The message in clear; None where it is settled or goes another way instead."""
    person = await register.get_person(tx, row.person_id)
    died = (await register.get_person(tx, await register.standing_for(tx, person.id))).died
    if died is not None or person.subject_key is None or row.sealed is None:
        await end(tx, row, State.CANCELLED, "died" if died else "erased")
        return None
    try:
        reach = await contacts.reach_of(tx, person)
        content = open_content(person, row)
    except InvalidTag:
        await end(tx, row, State.GIVEN_UP, "unreadable")
        return None
    except CardsError as error:
        # the keys cannot be used now, or this one is damaged: no other message waits for that
        row.due_at, row.error = tx.at + SILENCE, str(error)[:LONGEST_ERROR]
        return None
    to = reach.by(Channel(row.channel)) if reach else ""
    if not to or (reach is not None and reach.channel == Channel.NONE and not row.legal):
        await _turn(tx, row, reach, able)
        return None
    return await _addressed(tx, telling, row, person, to, content)


async def _turn(tx: Transaction, row: Message, reach: Reach | None, able: Collection[Channel]) -> None:
    """A message whose way has been taken from under it: it goes by the one that there is now, if any."""
    way = first_way(reach, able, legal=row.legal)
    if way is not None:
        row.channel, row.attempts = way.value, 0
    elif row.legal:
        await end(tx, row, State.GIVEN_UP, "no_way")
    else:
        await end(tx, row, State.CANCELLED, "not_wanted")


async def _addressed(
    tx: Transaction, telling: Telling, row: Message, person: Person, to: str, content: Content
) -> Outgoing:
    named = register.name_of(person) if row.channel == Channel.POST else None
    sender = await setting.sender(tx, telling, row.language)
    return Outgoing(row.id, to, content, sender.name, named or "", row.language, row.created_at.astimezone(RIGA).date())


def open_content(person: Person, row: Message) -> Content:
    """What a message says, in clear.

    Raises:
        cryptography.exceptions.InvalidTag: the row was damaged.
    """
    assert person.subject_key is not None
    assert row.sealed is not None
    key = subject_key(person.id, person.subject_key)
    return Content.from_json(unseal(key, "holder_message", "sealed", row.id, row.sealed))

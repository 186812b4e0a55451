"""News becomes messages: what came within a few minutes goes into one, and nobody dead or erased is written to."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.sealed import seal, subject_key
from amis.notifying import contacts, setting
from amis.notifying.channels import first_way
from amis.notifying.contacts import Reach
from amis.notifying.content import Content, compose
from amis.notifying.items import Told, items_of
from amis.notifying.kinds import Channel, State
from amis.notifying.models import Message, News
from amis.notifying.setting import Telling
from amis.register import store as register
from amis.register.models import Person
from amis.web.i18n import DEFAULT

AT_ONCE = 1_000
"""Persons for whom messages are written in one round."""
_PATIENCE = 5
"""News that keeps coming is told after so many quiet times all the same."""


async def ready(tx: Transaction, telling: Telling) -> list[UUID]:
    """The persons to whom nothing new has happened for the quiet time, those who wait longest first."""
    quiet = timedelta(minutes=telling.quiet_minutes)
    query = (
        select(News.person_id)
        .where(News.municipality_id == tx.municipality_id, News.settled_at.is_(None), News.held.is_(False))
        .group_by(News.person_id)
        .having(
            or_(func.max(News.happened_at) <= tx.at - quiet, func.min(News.happened_at) <= tx.at - quiet * _PATIENCE),
        )
        .order_by(func.min(News.happened_at), News.person_id)
    )
    return list(await tx.session.scalars(query.limit(AT_ONCE)))


async def write(tx: Transaction, telling: Telling, person_id: UUID, able: Collection[Channel]) -> Message | None:
    """Settles all open news about a person, by a message if there is something to tell.

    `able` are the ways behind which a provider stands. What somebody lost by turning out to be another is no news.

    Raises:
        PersonUnknown, PersonMerged: in this very moment.
    """
    person = await register.get_person(tx, person_id)
    if person.merged_into is None:
        person = await register.lock_person(tx, person_id)
    news = await _open_news(tx, person_id)
    silent = person.merged_into is not None or person.died is not None
    message = None if silent else await _told(tx, telling, person, news, able)
    for row in news:
        row.settled_at, row.message_id = tx.at, message.id if message else None
    await tx.session.flush()
    return message


async def _open_news(tx: Transaction, person_id: UUID) -> list[News]:
    query = select(News).where(
        News.municipality_id == tx.municipality_id,
        News.person_id == person_id,
        News.settled_at.is_(None),
        News.held.is_(False),
    )
    return list(await tx.session.scalars(query.order_by(News.id).with_for_update()))


async def _told(
    tx: Transaction, telling: Telling, person: Person, news: Sequence[News], able: Collection[Channel]
) -> Message | None:
    if person.subject_key is None:
        return None
    reach = await contacts.reach_of(tx, person)
    language = reach.language if reach else DEFAULT
    found = [one for one in await items_of(tx, news, language) if one.item.kind in telling.kinds]
    wanted = _wanted(found, reach)
    if not wanted:
        return None
    content = compose([one.item for one in wanted], await setting.sender(tx, telling, language), language)
    legal = any(one.legal for one in wanted)
    way = first_way(reach, able, legal=legal)
    message = _message(tx, person.id, wanted, language, way)
    await _keep(tx, person, message, content)
    return message


def _wanted(found: list[Told], reach: Reach | None) -> list[Told]:
    """A courtesy is for those who want one; in a message that has to be written it may stand beside."""
    courteous = reach is not None and reach.channel != Channel.NONE
    return found if courteous else [one for one in found if one.legal]


def _message(tx: Transaction, person_id: UUID, told: Sequence[Told], language: str, way: Channel | None) -> Message:
    """Where no way leads to the person it is given up at once, and stands in the list of what a clerk looks after."""
    return Message(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person_id,
        kinds=[one.item.kind.value for one in told],
        legal=any(one.legal for one in told),
        channel=way.value if way else "",
        language=language,
        state=(State.QUEUED if way else State.GIVEN_UP).value,
        created_at=tx.at,
        due_at=tx.at,
        attempts=0,
        error="" if way else "no_way",
    )


async def _keep(tx: Transaction, person: Person, message: Message, content: Content) -> None:
    assert person.subject_key is not None
    key = subject_key(person.id, person.subject_key)
    message.sealed = seal(key, "holder_message", "sealed", message.id, content.to_json())
    tx.session.add(message)
    await tx.session.flush()
    after = {"state": message.state, "channel": message.channel, "kinds": message.kinds}
    await audit.record(tx, "holder_message.write", ("holder_message", message.id), after=after)

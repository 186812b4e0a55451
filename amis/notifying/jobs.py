"""What the worker does: each minute it takes up news, writes and sends; a few times a day it looks for last days."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import structlog
from cryptography.exceptions import InvalidTag
from psycopg import AsyncConnection
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from amis.kernel.log import without_rows
from amis.kernel.models import Municipality
from amis.kernel.settings import Settings
from amis.kernel.settings import settings as of_environment
from amis.kernel.ticker import Job
from amis.notifying import composing, setting
from amis.notifying.carriers import carriers
from amis.notifying.ending import note_last_days
from amis.notifying.forgetting import forget
from amis.notifying.gathering import gather
from amis.notifying.kinds import Channel
from amis.notifying.providers.provider import Provider
from amis.notifying.sending import send_due
from amis.notifying.setting import Telling
from cards.errors import CardsError

log = structlog.get_logger()


async def tell(_connection: AsyncConnection | None = None, *, settings: Settings | None = None) -> None:
    """One round: the feed is read on, quiet news becomes messages, and what is due goes out."""
    chosen = settings or of_environment()
    able, silent = carriers(chosen), set[Channel]()
    async for actor, telling in _active():
        try:
            await _take_up(actor, telling, able)
            await send_due(actor, telling, able, silent)
        except (AmisError, CardsError, InvalidTag, SQLAlchemyError) as error:
            log.error("holders not told", municipality=actor.municipality_id, reason=without_rows(str(error)))


async def _take_up(actor: Actor, telling: Telling, able: Mapping[Channel, Provider]) -> None:
    """Reads on in the feed of one municipality, and writes to those about whom it has grown quiet."""
    more = True
    while more:
        async with transaction(actor) as tx:
            more = await gather(tx)
    async with transaction(actor) as tx:
        persons = await composing.ready(tx, telling)
    for person_id in persons:
        try:
            async with transaction(actor) as tx:
                await composing.write(tx, telling, person_id, able)
        except (AmisError, CardsError, InvalidTag, SQLAlchemyError) as error:
            log.error("message not written", person=str(person_id), reason=without_rows(str(error)))


async def last_days(_connection: AsyncConnection | None = None) -> None:
    """Notes what ends soon and what has ended, in every municipality that tells its holders."""
    async for actor, telling in _active():
        async with transaction(actor) as tx:
            await note_last_days(tx, telling)


async def forget_old(_connection: AsyncConnection | None = None) -> None:
    """Takes out what is not kept, in every municipality."""
    for municipality_id in await _municipalities():
        async with transaction(system("worker", municipality_id)) as tx:
            await forget(tx)


async def _active() -> AsyncIterator[tuple[Actor, Telling]]:
    for municipality_id in await _municipalities():
        actor = system("worker", municipality_id)
        async with transaction(actor) as tx:
            telling = await setting.current(tx)
        if telling.active:
            yield actor, telling


async def _municipalities() -> list[int]:
    async with transaction(system("worker")) as tx:
        return list(await tx.session.scalars(select(Municipality.id).order_by(Municipality.id)))


JOBS = [
    Job("notifying.tell", timedelta(minutes=1), tell),
    Job("notifying.last_days", timedelta(hours=6), last_days),
    Job("notifying.forget", timedelta(days=1), forget_old),
]
"""Periodic work of the room."""

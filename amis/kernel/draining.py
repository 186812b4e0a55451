"""Doing what the outbox asks for: claimed, done and finished many at once, since each commit waits for the disk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import groupby

import structlog
from psycopg import AsyncConnection, Error
from sqlalchemy.exc import SQLAlchemyError

from amis.kernel import outbox
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import AmisError
from amis.kernel.log import without_rows
from amis.kernel.outbox import LEASE, Note
from cards.errors import CardsError
from rules.errors import RulesError

TOGETHER = 25
"""Entries that are done in one transaction: more would hold the locks on their persons for too long."""
Handler = Callable[[Transaction, Note], Awaitable[None]]
"""Does what one entry asks for, in a transaction of its municipality; safe to repeat."""
FAILURES = (AmisError, CardsError, RulesError, SQLAlchemyError, Error, LookupError, ValueError)
"""What postpones an entry; anything else is a fault of the program. What stages rows raises the driver's own errors."""

logger = structlog.get_logger()


async def drain(connection: AsyncConnection, handlers: Mapping[str, Handler]) -> int:
    """Does the entries that are due; returns how many were claimed. A topic without a handler concerns nobody."""
    notes = await outbox.claim(connection)
    async with _held(connection, notes) as held:
        idle = [note for note in notes if note.topic not in handlers]
        await _finish(connection, held, idle)
        for group in _groups([note for note in notes if note.topic in handlers]):
            if await _together(handlers, group):
                await _finish(connection, held, group)
            else:
                for note in group:
                    await _alone(connection, handlers, note)
                    del held[note.id]
    return len(notes)


def _groups(notes: Sequence[Note]) -> Iterator[Sequence[Note]]:
    """Entries of one municipality, by key: keys are mostly persons, whom everybody locks in this order."""
    in_order = sorted(notes, key=lambda note: (note.municipality_id, note.key))
    for _, of_one in groupby(in_order, key=lambda note: note.municipality_id):
        ours = list(of_one)
        yield from (ours[at : at + TOGETHER] for at in range(0, len(ours), TOGETHER))


@asynccontextmanager
async def _held(connection: AsyncConnection, notes: Sequence[Note]) -> AsyncIterator[dict[int, Note]]:
    """Those that are still to be done; their leases are prolonged however long it takes."""
    held = {note.id: note for note in notes}
    holding = asyncio.create_task(_hold(connection, held))
    try:
        yield held
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)


async def _hold(connection: AsyncConnection, held: Mapping[int, Note]) -> None:
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        await outbox.renew(connection, list(held.values()))


async def _together(handlers: Mapping[str, Handler], group: Sequence[Note]) -> bool:
    """Whether all of the group were done; if one fails, nothing is done."""
    try:
        async with transaction(system("worker", group[0].municipality_id)) as tx:
            for note in group:
                await handlers[note.topic](tx, note)
    except FAILURES:
        return False
    return True


async def _alone(connection: AsyncConnection, handlers: Mapping[str, Handler], note: Note) -> None:
    """Does one entry in a transaction of its own; a failure postpones only this entry."""
    try:
        async with transaction(system("worker", note.municipality_id)) as tx:
            await handlers[note.topic](tx, note)
    except FAILURES as error:
        logger.error("outbox entry failed", entry=note.id, topic=note.topic, reason=without_rows(str(error)))
        await outbox.postpone(connection, note, str(error))
    else:
        await outbox.finish(connection, [note])


async def _finish(connection: AsyncConnection, held: dict[int, Note], notes: Sequence[Note]) -> None:
    if notes:
        await outbox.finish(connection, notes)
    for note in notes:
        del held[note.id]

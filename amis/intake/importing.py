"""The importer: takes one batch after the other, and leaves alone what another one works upon."""

import asyncio
from pathlib import Path

import structlog
from psycopg import AsyncConnection, Error
from sqlalchemy.exc import SQLAlchemyError

from amis.intake import batch_lease
from amis.intake.applying import apply_rows, finish, withdraw_unnamed
from amis.intake.batch_lease import LeaseLost
from amis.intake.batch_work import Work, taken_up
from amis.intake.checking import check
from amis.intake.places import folder_of
from amis.kernel.errors import AmisError
from amis.kernel.log import without_rows
from amis.kernel.settings import Settings
from cards.errors import CardsError
from rules.errors import RulesError
from sync.errors import SyncError

_IDLE = 0.2
_FAULTS = (AmisError, CardsError, RulesError, SyncError, SQLAlchemyError, Error, OSError, LookupError, ValueError)

logger = structlog.get_logger()


async def import_batches(connection: AsyncConnection, settings: Settings) -> None:
    """Takes in what senders hand over, for ever."""
    folder = folder_of(settings)
    while True:
        if not await import_next(connection, folder):
            await asyncio.sleep(_IDLE)


async def import_next(connection: AsyncConnection, folder: Path) -> bool:
    """Works upon the next batch as far as it goes; False when none waits. A batch that fails is tried again later.

    Raises:
        psycopg.Error: the worker's own connection (role amis_worker) is lost.
    """
    held = await batch_lease.claim(connection)
    if held is None:
        return False
    try:
        await _work(await taken_up(connection, held, folder))
    except LeaseLost:
        logger.warning("batch taken over", batch=str(held.id))
    except _FAULTS as error:
        logger.error("batch interrupted", batch=str(held.id), reason=without_rows(str(error)))
        await batch_lease.postpone(connection, held)
    return True


async def _work(work: Work) -> None:
    if work.batch.state == "checking":
        await check(work)
        work = await taken_up(work.connection, work.held, work.folder)
    if work.batch.state == "applying":
        await apply_rows(work)
        await withdraw_unnamed(work)
        await finish(work)

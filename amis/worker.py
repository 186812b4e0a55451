"""The worker process: the audit sequencer, the outbox and periodic jobs."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from psycopg import AsyncConnection, Error
from sqlalchemy.exc import SQLAlchemyError

from amis.granting.jobs import HANDLERS as GRANTING
from amis.granting.leaves import CHANGE
from amis.granting.list_jobs import HANDLERS as LISTS
from amis.granting.suspension_jobs import HANDLERS as SUSPENSIONS
from amis.intake.jobs import HANDLERS as INTAKE
from amis.issuing.jobs import JOBS as ISSUING_JOBS
from amis.kernel import log, outbox, sequencer
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from amis.kernel.keys import keystore
from amis.kernel.process import database_url, opened, witness_file
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job, schedule
from amis.reporting.jobs import JOBS as REPORTING_JOBS
from amis.validating.jobs import HANDLERS as VALIDATING
from amis.validating.jobs import JOBS as VALIDATING_JOBS
from amis.validating.leaves import USE
from amis.validating.publisher import publish_bundles
from cards.errors import CardsError
from rules.errors import RulesError

SOURCES = [sequencer.AUDIT, CHANGE, USE]
"""The tables whose rows are leaves of the audit tree."""
HANDLERS = {**GRANTING, **LISTS, **SUSPENSIONS, **VALIDATING, **INTAKE}
"""What is done about each topic of the outbox."""
JOBS: list[Job] = [*ISSUING_JOBS, *VALIDATING_JOBS, *REPORTING_JOBS]
"""Everything that is done periodically."""
_IDLE = 0.1
"""Seconds between two looks at the outbox when it is empty."""

logger = structlog.get_logger()


async def run(settings: Settings) -> None:
    """Works until SIGINT or SIGTERM; a lost database connection is opened again.

    Raises:
        Exception: whatever fault of the program ended one of its loops.
    """
    log.configure(settings.log_level)
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with opened(settings):
        works = (sequence_leaves, drain_outbox, run_jobs, publish_bundles)
        loops = [asyncio.create_task(_again(stop, settings, work)) for work in works]
        stopping = asyncio.create_task(stop.wait())
        ended, _ = await asyncio.wait([stopping, *loops], return_when=asyncio.FIRST_COMPLETED)
        for loop in (stopping, *loops):
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        # A loop ends by itself only by a fault of the program: better to end with it than to stand idle unnoticed.
        for loop in ended:
            loop.result()


async def _again(
    stop: asyncio.Event, settings: Settings, work: Callable[[AsyncConnection, Settings], Awaitable[None]]
) -> None:
    url = database_url(settings, "amis_worker")
    while not stop.is_set():
        try:
            async with await AsyncConnection.connect(url, autocommit=True) as connection:
                await work(connection, settings)
        except (Error, OSError) as error:
            logger.warning("work interrupted, again in a second", work=work.__name__, reason=str(error))
            await asyncio.sleep(1)


async def sequence_leaves(connection: AsyncConnection, settings: Settings) -> None:
    """Extends the audit tree each second while this worker is the one sequencer."""
    witness = witness_file(settings)
    while not await sequencer.lead(connection):  # noqa: ASYNC110 - the lock of another process makes no event here
        await asyncio.sleep(1)
    while True:
        await sequencer.extend(connection, keystore(), SOURCES, witness)
        await asyncio.sleep(1)


async def drain_outbox(connection: AsyncConnection, _settings: Settings) -> None:
    """Does what committed changes ask for, for ever."""
    while True:
        notes = await outbox.claim(connection)
        for note in notes:
            await handle(connection, note)
        if not notes:
            await asyncio.sleep(_IDLE)


async def handle(connection: AsyncConnection, note: outbox.Note) -> None:
    """Does one entry in a transaction of its municipality; a failure postpones only this entry."""
    try:
        handler = HANDLERS.get(note.topic)
        if handler is not None:
            async with transaction(system("worker", note.municipality_id)) as tx:
                await handler(tx, note)
    except (AmisError, CardsError, RulesError, SQLAlchemyError, LookupError, ValueError) as error:
        logger.error("outbox entry failed", entry=note.id, topic=note.topic, reason=str(error))
        await outbox.postpone(connection, note, str(error))
    else:
        await outbox.finish(connection, note)


async def run_jobs(connection: AsyncConnection, _settings: Settings) -> None:
    """Ticks the periodic jobs until one cannot even note that it failed, as when the connection is lost."""
    scheduler = schedule(JOBS, connection)
    fault: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def failed(event: JobExecutionEvent) -> None:
        if not fault.done():
            fault.set_exception(event.exception)

    scheduler.add_listener(failed, EVENT_JOB_ERROR)
    scheduler.start()
    try:
        await fault
    finally:
        scheduler.shutdown(wait=False)

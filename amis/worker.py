"""The worker process: the audit sequencer, the outbox and periodic jobs."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from prometheus_client import start_http_server
from psycopg import AsyncConnection, Error

from amis.granting.feed import ENTITLEMENTS
from amis.granting.jobs import HANDLERS as GRANTING
from amis.granting.leaves import CHANGE
from amis.granting.list_jobs import HANDLERS as LISTS
from amis.granting.suspension_jobs import HANDLERS as SUSPENSIONS
from amis.intake.feed import REFUSALS
from amis.intake.forgetting import JOBS as FORGETTING_JOBS
from amis.intake.importing import import_batches
from amis.intake.jobs import HANDLERS as INTAKE
from amis.intake.jobs import freshness_jobs
from amis.intake.keeping import keeping_jobs
from amis.intake.leaves import ARRIVAL
from amis.intake.pull_jobs import pull_jobs
from amis.intake.spdci_jobs import JOBS as REGISTRY_JOBS
from amis.intake.upload_keeping import upload_jobs
from amis.issuing.feed import TOKENS
from amis.issuing.jobs import JOBS as ISSUING_JOBS
from amis.kernel import draining, feed_numbers, log, scheduling, sequencer
from amis.kernel.jobs import JOBS as KERNEL_JOBS
from amis.kernel.keys import keystore
from amis.kernel.locks import Lock, wait_to_lead
from amis.kernel.process import database_url, opened, witness_file
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job
from amis.notifying.jobs import JOBS as NOTIFYING_JOBS
from amis.outbound.jobs import JOBS as OUTBOUND_JOBS
from amis.outbound.sending import send_webhooks
from amis.reporting.jobs import JOBS as REPORTING_JOBS
from amis.validating.jobs import HANDLERS as VALIDATING
from amis.validating.jobs import JOBS as VALIDATING_JOBS
from amis.validating.leaves import USE
from amis.validating.publisher import publish_bundles

SOURCES = [sequencer.AUDIT, CHANGE, ARRIVAL, USE]
"""The tables whose rows are leaves of the audit tree."""
FEED = [ENTITLEMENTS, TOKENS, REFUSALS]
"""The tables whose rows go into the feed."""
HANDLERS = {**GRANTING, **LISTS, **SUSPENSIONS, **VALIDATING, **INTAKE}
"""What is done about each topic of the outbox."""
JOBS: list[Job] = [*KERNEL_JOBS, *ISSUING_JOBS, *VALIDATING_JOBS, *REPORTING_JOBS, *NOTIFYING_JOBS, *OUTBOUND_JOBS]
JOBS += [*REGISTRY_JOBS, *FORGETTING_JOBS]
"""Everything that is done periodically."""
_FEED_EVERY = 0.05
"""Seconds between two looks for what has become final."""
_ALIVE: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    # The server looks during a statement too: what a dead worker has begun ends within a second.
    "options": "-c client_connection_check_interval=1000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2"
    " -c tcp_keepalives_count=3",
}
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
    async with opened(settings), metrics(settings):
        works = (sequence_leaves, sequence_feed, drain_outbox, run_jobs, publish_bundles, import_batches, send_webhooks)
        loops = [asyncio.create_task(_again(stop, settings, work)) for work in works]
        stopping = asyncio.create_task(stop.wait())
        ended, _ = await asyncio.wait([stopping, *loops], return_when=asyncio.FIRST_COMPLETED)
        for loop in (stopping, *loops):
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        # A loop ends by itself only by a fault of the program: better to end with it than to stand idle unnoticed.
        for loop in ended:
            loop.result()


@asynccontextmanager
async def metrics(settings: Settings) -> AsyncIterator[None]:
    """Shows this process's metrics, to whoever reaches the port, where a setting names one."""
    if not settings.worker_metrics_port:
        yield
        return
    server, thread = start_http_server(settings.worker_metrics_port, addr=settings.host)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _again(
    stop: asyncio.Event, settings: Settings, work: Callable[[AsyncConnection, Settings], Awaitable[None]]
) -> None:
    while not stop.is_set():
        try:
            async with connected(settings) as connection:
                await work(connection, settings)
        except (Error, OSError) as error:
            logger.warning("work interrupted, again in a second", work=work.__name__, reason=str(error))
            await asyncio.sleep(1)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[AsyncConnection]:
    """A connection as amis_worker that both ends soon know to be lost, and its locks with it."""
    url = database_url(settings, "amis_worker")
    async with await AsyncConnection.connect(url, autocommit=True, **_ALIVE) as connection:
        yield connection


async def sequence_leaves(connection: AsyncConnection, settings: Settings) -> None:
    """Extends the audit tree each second while this worker is the one sequencer."""
    witness = witness_file(settings)
    await wait_to_lead(connection, Lock.SEQUENCER)
    while True:
        await sequencer.extend(connection, keystore(), SOURCES, witness)
        await asyncio.sleep(1)


async def sequence_feed(connection: AsyncConnection, _settings: Settings) -> None:
    """Numbers what others may follow while this worker is the one sequencer of the feed."""
    await wait_to_lead(connection, Lock.FEED)
    numbering = feed_numbers.Sequencer(FEED)
    while True:
        await numbering.look(connection)
        await asyncio.sleep(_FEED_EVERY)


async def drain_outbox(connection: AsyncConnection, _settings: Settings) -> None:
    """Does what committed changes ask for, for ever."""
    # A lease or an end that a crash of the database takes back is only done again, which a crash of ours causes too.
    await connection.execute("SET synchronous_commit = off")
    while True:
        if not await draining.drain(connection, HANDLERS):
            await asyncio.sleep(_IDLE)


async def run_jobs(connection: AsyncConnection, settings: Settings) -> None:
    """Ticks the periodic jobs while this worker is the leader."""
    await wait_to_lead(connection, Lock.TICKER)
    logger.info("leads", work="jobs")
    jobs = [*JOBS, *freshness_jobs(settings), *keeping_jobs(settings), *upload_jobs(settings), *pull_jobs(settings)]
    await scheduling.run(connection, jobs, partial(connected, settings))

"""Who ticks periodic jobs, and when: the process whose connection holds the lock of the leader.

APScheduler is no more than the clock: what ran and what did not is known to the database alone.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from psycopg import AsyncConnection
from psycopg.errors import Error

from amis.kernel import clock
from amis.kernel.ticker import Job, slot, tick

HEARD_EVERY = 1.0
"""Seconds between two looks whether the connection that leads is still there."""
_LOOK_EVERY = timedelta(minutes=1)
"""A rarer job is looked at so often, so that a slot that failed to begin is not lost."""
Connect = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
"""Opens a connection as amis_worker in autocommit."""

log = structlog.get_logger()


@dataclass(slots=True)
class Ticker:
    """Ticks jobs, each on a connection of its own: a long one holds up no other."""

    connect: Connect
    done: dict[str, datetime] = field(default_factory=dict)

    async def tick(self, job: Job) -> None:
        """Ticks one job; where the database is lost, or the worker ends, the slot is left to a later tick."""
        present = slot(job, clock.now())
        if self.done.get(job.name) == present:
            return
        try:
            async with self.connect() as connection:
                if await tick(connection, job):
                    self.done[job.name] = present
        except (Error, OSError) as error:
            log.warning("tick interrupted", job=job.name, reason=str(error))
        except asyncio.CancelledError:
            return  # the scheduler ends, and would log this as a failure of the job


def schedule(jobs: Sequence[Job], connect: Connect) -> AsyncIOScheduler:
    """A scheduler that ticks every job; the first tick comes at once, which catches up a missed slot."""
    # Its lines at each tick are no news; that a job ran is in the database.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    ticker = Ticker(connect)
    for job in jobs:
        often = min(job.every, _LOOK_EVERY)
        trigger = IntervalTrigger(seconds=int(often.total_seconds()), timezone=UTC)
        # On the beginning of a slot: ticks in between might come twice in one slot and not at all in the next.
        begun = slot(replace(job, every=often), clock.now())
        scheduler.add_job(ticker.tick, trigger, args=(job,), id=job.name, next_run_time=begun)
    return scheduler


async def run(leading: AsyncConnection, jobs: Sequence[Job], connect: Connect) -> None:
    """Ticks the jobs for as long as `leading`, which holds the lock of the leader, is open.

    Raises:
        psycopg.Error: that connection is lost, and with it the lock.
        Exception: the fault of the program that ended a job.
    """
    scheduler = schedule(jobs, connect)
    fault: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def failed(event: JobExecutionEvent) -> None:
        if not fault.done():
            fault.set_exception(event.exception)

    scheduler.add_listener(failed, EVENT_JOB_ERROR)
    scheduler.start()
    try:
        while not (await asyncio.wait([fault], timeout=HEARD_EVERY))[0]:
            await leading.execute("SELECT")
        fault.result()
    finally:
        scheduler.shutdown(wait=False)

"""Periodic work: APScheduler only ticks; that a slot ran is a row, so no tick is lost or done twice."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from psycopg import AsyncConnection
from psycopg.errors import Error, OperationalError
from sqlalchemy.exc import SQLAlchemyError

from amis.kernel import clock
from amis.kernel.log import without_rows

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Work done once in every slot of length `every`, by `run(connection as amis_worker)`."""

    name: str
    every: timedelta
    run: Callable[[AsyncConnection], Awaitable[None]]


def slot(job: Job, at: datetime) -> datetime:
    """The start of the slot that `at` lies in; slots count from the Unix epoch."""
    seconds = job.every.total_seconds()
    return datetime.fromtimestamp(math.floor(at.timestamp() / seconds) * seconds, UTC)


async def tick(connection: AsyncConnection, job: Job) -> bool:
    """Runs `job` for the present slot unless it ran already; returns whether it ran now.

    A failed run is kept with its error and tried again in the next slot.
    """
    key = {"job": job.name, "slot": slot(job, clock.now()), "now": clock.now()}
    taken = await connection.execute(
        "INSERT INTO job_run (job, slot, started_at) VALUES (%(job)s, %(slot)s, %(now)s) ON CONFLICT DO NOTHING", key
    )
    if taken.rowcount == 0:
        return False
    error = None
    try:
        await job.run(connection)
    except (Error, SQLAlchemyError, OSError) as failure:
        error = without_rows(str(failure))
        log.error("job failed", job=job.name, reason=error)
    await connection.execute(
        "UPDATE job_run SET ended_at = %(ended)s, error = %(error)s WHERE job = %(job)s AND slot = %(slot)s",
        key | {"ended": clock.now(), "error": error},
    )
    return True


async def _tick_while_open(connection: AsyncConnection, job: Job) -> None:
    """Ticks; a tick that meets the end of this worker is left to the next one."""
    try:
        await tick(connection, job)
    except asyncio.CancelledError:
        return  # the scheduler ends, and would log this as a failure of the job
    except OperationalError:
        if connection.broken or not connection.closed:
            raise


def schedule(jobs: list[Job], connection: AsyncConnection) -> AsyncIOScheduler:
    """A scheduler that ticks every job; the first tick comes at once, which catches up a missed slot."""
    # Its lines at each tick are no news; that a job ran is in the database.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in jobs:
        often = min(job.every, timedelta(minutes=1)).total_seconds()
        trigger = IntervalTrigger(seconds=int(often), timezone=UTC)
        scheduler.add_job(_tick_while_open, trigger, args=(connection, job), id=job.name, next_run_time=clock.now())
    return scheduler

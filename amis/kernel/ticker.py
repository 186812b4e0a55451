"""Periodic work: that a slot ran is a row, so no tick is lost or done twice.

What a dead worker had begun and not ended is run again, so every job must be safe to repeat. Of slots that nobody
ticked only the newest is run.
"""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from psycopg import AsyncConnection
from psycopg.errors import Error
from sqlalchemy.exc import SQLAlchemyError

from amis.kernel import clock
from amis.kernel.locks import Lock
from amis.kernel.log import without_rows

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Work done once in every slot of length `every`, by `run(connection as amis_worker)`; safe to repeat."""

    name: str
    every: timedelta
    run: Callable[[AsyncConnection], Awaitable[None]]


def slot(job: Job, at: datetime) -> datetime:
    """The start of the slot that `at` lies in; slots count from the Unix epoch."""
    seconds = job.every.total_seconds()
    return datetime.fromtimestamp(math.floor(at.timestamp() / seconds) * seconds, UTC)


async def tick(connection: AsyncConnection, job: Job) -> bool:
    """Runs `job` for each slot that was begun and not ended, and for the present one unless it ran already.

    Returns whether it ran now. A failed run is kept with its error and tried again in the next slot. While another
    connection is at this job nothing is done.
    """
    async with _alone(connection, job) as alone:
        ran, present = False, None
        # a slot that begins meanwhile is not left to the next tick, in whose slot it would be missed
        while alone and present != slot(job, clock.now()):
            present = slot(job, clock.now())
            for each in [*await _begun(connection, job, present), present]:
                ran = await _run(connection, job, each) or ran
        return ran


async def _begun(connection: AsyncConnection, job: Job, before: datetime) -> list[datetime]:
    """The slots that a worker which is dead by now began and did not end."""
    statement = "SELECT slot FROM job_run WHERE job = %s AND ended_at IS NULL AND slot < %s ORDER BY slot"
    rows = await connection.execute(statement, (job.name, before))
    return [cut_off for (cut_off,) in await rows.fetchall()]


@asynccontextmanager
async def _alone(connection: AsyncConnection, job: Job) -> AsyncIterator[bool]:
    """Whether nobody else is at this job: one that leads no longer may still be in the middle of it."""
    key = int(Lock.JOB), job.name
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s::int, hashtext(%s))", key)
    row = await cursor.fetchone()
    alone = bool(row and row[0])
    try:
        yield alone
    finally:
        if alone and not connection.closed:
            await connection.execute("SELECT pg_advisory_unlock(%s::int, hashtext(%s))", key)


async def _run(connection: AsyncConnection, job: Job, each: datetime) -> bool:
    taken = await connection.execute(
        "INSERT INTO job_run AS known (job, slot, started_at) VALUES (%s, %s, %s) ON CONFLICT (job, slot)"
        " DO UPDATE SET started_at = excluded.started_at, attempts = known.attempts + 1 WHERE known.ended_at IS NULL",
        (job.name, each, clock.now()),
    )
    if taken.rowcount == 0:
        return False
    try:
        await job.run(connection)
    except (Error, SQLAlchemyError, OSError) as failure:
        log.error("job failed", job=job.name, reason=without_rows(str(failure)))
        await _end(connection, job, each, failure)
    except Exception as fault:
        # it ends the worker, but the next one must not begin with it again
        await _end(connection, job, each, fault)
        raise
    else:
        await _end(connection, job, each, None)
    return True


async def _end(connection: AsyncConnection, job: Job, each: datetime, failure: Exception | None) -> None:
    error = None if failure is None else without_rows(str(failure))
    await connection.execute(
        "UPDATE job_run SET ended_at = %s, error = %s WHERE job = %s AND slot = %s",
        (clock.now(), error, job.name, each),
    )

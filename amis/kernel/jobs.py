"""What the worker does for the ground floor: what was done long ago is forgotten."""

from datetime import timedelta

from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.ticker import Job

KEPT = timedelta(days=30)
"""How long it can be seen what the worker has done."""


async def forget_done(connection: AsyncConnection) -> None:
    """Deletes entries of the outbox that were done, and runs of jobs that ended, longer ago than `KEPT`."""
    before = clock.now() - KEPT
    await connection.execute("DELETE FROM outbox WHERE done_at < %s", (before,))
    await connection.execute("DELETE FROM job_run WHERE ended_at < %s", (before,))


JOBS = [Job("kernel.done", timedelta(days=1), forget_done)]

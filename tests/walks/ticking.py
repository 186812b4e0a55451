"""A parent that forks workers out of one warmed interpreter, so that killing one costs the test no start of Python.

Each child is a whole worker whose periodic jobs are two that write down their runs. Run as
`python -m tests.walks.ticking`; each line on standard input forks one more and its process id is printed; at the end of
the input all are killed.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from functools import partial

from psycopg import AsyncConnection

from amis import worker
from amis.kernel.settings import settings
from amis.kernel.ticker import Job

STEPS = 4
_BEGIN = """
INSERT INTO ticked (job, slot, pid)
SELECT job, slot, %s FROM job_run WHERE job = %s AND ended_at IS NULL ORDER BY started_at DESC LIMIT 1 RETURNING id
"""


async def write_down(name: str, seconds: float, connection: AsyncConnection) -> None:
    """A run that takes so long, half of it in the database."""
    row = await (await connection.execute(_BEGIN, (os.getpid(), name))).fetchone()
    assert row is not None
    for _ in range(STEPS):
        await connection.execute("SELECT pg_sleep(%s)", (seconds / STEPS / 2,))
        await asyncio.sleep(seconds / STEPS / 2)
    await connection.execute("UPDATE ticked SET ended = clock_timestamp() WHERE id = %s", row)


def job(name: str, every: timedelta, seconds: float) -> Job:
    """A job that writes down its runs."""
    return Job(name, every, partial(write_down, name, seconds))


def main() -> None:
    """Forks a worker for each line of the input."""
    worker.JOBS = [job("second", timedelta(seconds=1), 0.4), job("hour", timedelta(hours=1), 2)]
    children = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(worker.run(settings()))
            os._exit(0)
        children.append(pid)
        print(pid, flush=True)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    main()

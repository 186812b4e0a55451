"""A job that counts its runs, and what the database knows of them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from psycopg import AsyncConnection

from amis.kernel.ticker import Job

Connect = Callable[[], Awaitable[AsyncConnection]]
HOUR = timedelta(hours=1)


class Counted:
    """A job that counts its runs and may fail."""

    def __init__(self, every: timedelta = HOUR, fault: Exception | None = None) -> None:
        self.runs = 0
        self.ran = asyncio.Event()
        self.fault = fault
        self.job = Job("test", every, self)

    async def __call__(self, connection: AsyncConnection) -> None:
        await connection.execute("SELECT pg_sleep(0.05)")
        self.runs += 1
        self.ran.set()
        if self.fault is not None:
            raise self.fault


async def runs(connection: AsyncConnection) -> list[tuple[datetime, bool, int]]:
    """(slot, whether it ended, attempts) of every slot that was begun."""
    rows = await connection.execute("SELECT slot, ended_at IS NOT NULL, attempts FROM job_run ORDER BY slot")
    return await rows.fetchall()

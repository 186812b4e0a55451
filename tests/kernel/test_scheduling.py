"""Who ticks, and when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest
from psycopg import AsyncConnection
from psycopg.errors import OperationalError

from amis.kernel.locks import Lock, lead, wait_to_lead
from amis.kernel.scheduling import run, schedule
from amis.kernel.ticker import Job
from tests.kernel.counted import HOUR, Connect, Counted, runs

Open = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


@pytest.fixture
def opened(connect_worker: Connect) -> Open:
    """Opens connections for ticks."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[AsyncConnection]:
        async with await connect_worker() as connection:
            yield connection

    return opening


async def test_a_scheduler_catches_up_at_once(opened: Open) -> None:
    counted = Counted(timedelta(days=1))
    scheduler = schedule([counted.job], opened)
    scheduler.start()
    await asyncio.wait_for(counted.ran.wait(), 20)
    scheduler.shutdown()
    assert counted.runs == 1


async def test_a_tick_in_the_middle_of_its_work_ends_with_the_worker_and_is_no_failure(
    worker_connection: AsyncConnection, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def work(_: AsyncConnection) -> None:
        begun.set()
        await asyncio.sleep(60)

    scheduler = schedule([Job("long", HOUR, work)], opened)
    scheduler.start()
    await asyncio.wait_for(begun.wait(), 20)
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0.1)
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
    [(_, ended, _)] = await runs(worker_connection)
    assert not ended


async def test_ticks_come_at_the_beginning_of_slots_and_a_rare_job_is_looked_at_each_minute(opened: Open) -> None:
    jobs = [Job("day", timedelta(days=1), Counted()), Job("often", timedelta(seconds=10), Counted())]
    scheduler = schedule(jobs, opened)
    scheduler.start(paused=True)
    looks = {job.id: (job.trigger.interval.total_seconds(), job.next_run_time) for job in scheduler.get_jobs()}
    assert {name: every for name, (every, _) in looks.items()} == {"day": 60, "often": 10}
    assert [at.timestamp() % every for every, at in looks.values()] == [0, 0]
    scheduler.shutdown()


async def test_whoever_leads_ticks_until_the_connection_that_holds_the_lock_is_lost(
    worker_connection: AsyncConnection, connect_worker: Connect, opened: Open
) -> None:
    counted = Counted(timedelta(seconds=1))
    async with await connect_worker() as leading:
        assert await lead(leading, Lock.TICKER)
        assert not await lead(worker_connection, Lock.TICKER)
        ticking = asyncio.create_task(run(leading, [counted.job], opened))
        await asyncio.wait_for(counted.ran.wait(), 20)
        await worker_connection.execute("SELECT pg_terminate_backend(%s)", (leading.info.backend_pid,))
        with pytest.raises(OperationalError):
            await asyncio.wait_for(ticking, 20)
    await asyncio.wait_for(wait_to_lead(worker_connection, Lock.TICKER), 20)

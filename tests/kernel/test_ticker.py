"""Periodic work: each slot once, whoever ticks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import AsyncConnection
from psycopg.errors import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from amis.kernel import clock
from amis.kernel.ticker import Job, schedule, slot, tick

Connect = Callable[[], Awaitable[AsyncConnection]]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
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


@pytest.mark.parametrize(
    ("at", "every", "start"),
    [
        (NOON + timedelta(minutes=59, seconds=59), HOUR, NOON),
        (NOON, HOUR, NOON),
        (NOON, timedelta(days=1), datetime(2026, 5, 1, tzinfo=UTC)),
        (NOON + timedelta(seconds=61), timedelta(minutes=1), NOON + timedelta(minutes=1)),
    ],
)
def test_a_slot_starts_on_whole_lengths_since_1970(at: datetime, every: timedelta, start: datetime) -> None:
    assert slot(Counted(every).job, at) == start


async def test_a_slot_is_worked_once(worker_connection: AsyncConnection) -> None:
    counted = Counted()
    with clock.moved(NOON):
        assert await tick(worker_connection, counted.job)
        assert not await tick(worker_connection, counted.job)
    with clock.moved(NOON + HOUR):
        assert await tick(worker_connection, counted.job)
    assert counted.runs == 2


async def test_a_slot_is_worked_once_even_by_two_workers(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    counted = Counted()
    async with await connect_worker() as other:
        with clock.moved(NOON):
            ran = await asyncio.gather(tick(worker_connection, counted.job), tick(other, counted.job))
    assert sorted(ran) == [False, True]
    assert counted.runs == 1


@pytest.mark.parametrize("kind", [OperationalError, SQLAlchemyError])
async def test_a_failure_is_kept_and_the_next_slot_tries_again(
    worker_connection: AsyncConnection, kind: type[Exception]
) -> None:
    counted = Counted(fault=kind("the disk is full"))
    for at in (NOON, NOON + HOUR):
        with clock.moved(at):
            assert await tick(worker_connection, counted.job)
    rows = await worker_connection.execute("SELECT slot, ended_at >= started_at, error FROM job_run ORDER BY slot")
    assert await rows.fetchall() == [(NOON, True, "the disk is full"), (NOON + HOUR, True, "the disk is full")]


async def test_a_scheduler_catches_up_at_once(worker_connection: AsyncConnection) -> None:
    counted = Counted(timedelta(days=1))
    scheduler = schedule([counted.job], worker_connection)
    scheduler.start()
    await asyncio.wait_for(counted.ran.wait(), 20)
    scheduler.shutdown()
    assert counted.runs == 1


async def test_a_tick_in_the_middle_of_its_work_ends_with_the_worker_and_is_no_failure(
    worker_connection: AsyncConnection, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def work(_: AsyncConnection) -> None:
        begun.set()
        await asyncio.sleep(60)

    scheduler = schedule([Job("long", HOUR, work)], worker_connection)
    scheduler.start()
    await asyncio.wait_for(begun.wait(), 20)
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0.1)
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


async def test_a_rare_job_is_looked_at_each_minute_so_that_a_missed_slot_is_not_lost(
    worker_connection: AsyncConnection,
) -> None:
    jobs = [Job("day", timedelta(days=1), Counted()), Job("often", timedelta(seconds=10), Counted())]
    scheduler = schedule(jobs, worker_connection)
    scheduler.start(paused=True)
    assert {job.id: job.trigger.interval.total_seconds() for job in scheduler.get_jobs()} == {"day": 60, "often": 10}
    scheduler.shutdown()

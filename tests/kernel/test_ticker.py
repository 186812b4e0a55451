"""Periodic work: each slot once, whoever ticks."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import AsyncConnection
from psycopg.errors import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from amis.kernel import clock
from amis.kernel.ticker import Job, slot, tick
from tests.kernel.counted import HOUR, Connect, Counted, runs

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


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


async def test_a_slot_that_a_dead_worker_began_is_run_again_and_then_the_present_one(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    begun = asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        begun.set()
        await connection.execute("SELECT pg_sleep(60)")

    async with await connect_worker() as dying:
        with clock.moved(NOON):
            lost = asyncio.create_task(tick(dying, Job("test", HOUR, work)))
            await asyncio.wait_for(begun.wait(), 20)
            counted = Counted()
            assert not await tick(worker_connection, counted.job)
        await worker_connection.execute("SELECT pg_terminate_backend(%s)", (dying.info.backend_pid,))
        with pytest.raises(OperationalError):
            await lost
    with clock.moved(NOON + 3 * HOUR):
        assert await tick(worker_connection, counted.job)
        assert not await tick(worker_connection, counted.job)
    assert await runs(worker_connection) == [(NOON, True, 2), (NOON + 3 * HOUR, True, 1)]
    assert counted.runs == 2


async def test_a_slot_that_begins_while_the_last_one_is_worked_follows_at_once(
    worker_connection: AsyncConnection,
) -> None:
    runs_of: list[datetime] = []

    async def work(connection: AsyncConnection) -> None:
        runs_of.append(clock.now())
        if len(runs_of) == 1:
            await asyncio.sleep(1.1)

    assert await tick(worker_connection, Job("second", timedelta(seconds=1), work))
    slots = [at for at, _, _ in await runs(worker_connection)]
    assert len(slots) == len(runs_of) >= 2


async def test_a_fault_of_the_program_comes_out_but_is_not_begun_with_again(worker_connection: AsyncConnection) -> None:
    counted = Counted(fault=TypeError("a fault of the program"))
    with clock.moved(NOON):
        with pytest.raises(TypeError):
            await tick(worker_connection, counted.job)
        assert not await tick(worker_connection, counted.job)
    assert await runs(worker_connection) == [(NOON, True, 1)]

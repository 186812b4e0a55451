"""Monthly sums: each use once, whatever the order of commits and the number of runs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from psycopg import AsyncConnection

from amis.kernel.db import transaction
from amis.kernel.ticker import tick
from amis.reporting import store
from amis.reporting.figures import Sums, added
from amis.reporting.jobs import JOBS
from amis.reporting.rollup import roll_up
from amis.reporting.scope import Scope
from tests.reporting.ledger import READER, Ledger

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)
YEAR = Scope(date(2026, 1, 1), date(2026, 12, 1))
Connect = Callable[[], Awaitable[AsyncConnection]]


async def summed(connection: AsyncConnection) -> list[tuple[date, int, Decimal]]:
    cursor = await connection.execute("SELECT month, uses, discount FROM use_month ORDER BY month, funder")
    return await cursor.fetchall()


async def reported() -> tuple[int, Decimal]:
    async with transaction(READER) as tx:
        lines = await store.lines(tx, YEAR)
    return sum(line.uses for line in lines), sum((line.discount for line in lines), Decimal(0))


async def test_uses_are_summed_by_the_month_of_their_local_day(
    ledger: Ledger, worker_connection: AsyncConnection
) -> None:
    for day in (MAY, MAY, JUNE):
        await ledger.use(day)
    await roll_up(worker_connection)
    assert await summed(worker_connection) == [
        (date(2026, 5, 1), 2, Decimal("1.7000")),
        (date(2026, 6, 1), 1, Decimal("0.8500")),
    ]


async def test_another_run_adds_only_what_is_new(ledger: Ledger, worker_connection: AsyncConnection) -> None:
    await ledger.use(MAY)
    for _ in range(3):
        await roll_up(worker_connection)
    await ledger.use(MAY)
    await roll_up(worker_connection)
    assert await summed(worker_connection) == [(date(2026, 5, 1), 2, Decimal("1.7000"))]


async def test_a_use_taken_back_is_subtracted_from_its_month(
    ledger: Ledger, worker_connection: AsyncConnection
) -> None:
    wrong = await ledger.use(MAY)
    await ledger.use(MAY)
    await roll_up(worker_connection)
    await ledger.take_back(wrong, MAY)
    assert await reported() == (1, Decimal("0.8500"))
    await roll_up(worker_connection)
    assert await summed(worker_connection) == [(date(2026, 5, 1), 1, Decimal("0.8500"))]
    assert await reported() == (1, Decimal("0.8500"))


async def test_a_transaction_that_commits_late_is_neither_lost_nor_counted_twice(
    ledger: Ledger, worker_connection: AsyncConnection
) -> None:
    async with ledger.db.transaction():
        await ledger.use(MAY)
        await roll_up(worker_connection)
        assert await summed(worker_connection) == []
    assert await reported() == (1, Decimal("0.8500"))
    await roll_up(worker_connection)
    assert await reported() == (1, Decimal("0.8500"))
    assert len(await summed(worker_connection)) == 1


async def test_a_younger_use_waits_for_an_older_transaction(
    ledger: Ledger, worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    async with await connect_worker() as older, older.transaction():
        await older.execute("SELECT pg_current_xact_id()")
        await ledger.use(MAY)
        await roll_up(worker_connection)
        assert await summed(worker_connection) == []
        assert await reported() == (1, Decimal("0.8500"))
    await roll_up(worker_connection)
    assert len(await summed(worker_connection)) == 1


async def test_workers_at_the_same_time_and_readers_between_them_agree(ledger: Ledger, connect_worker: Connect) -> None:
    workers = [await connect_worker() for _ in range(3)]
    try:
        for count in range(1, 11):
            await ledger.use(MAY)
            results = await asyncio.gather(reported(), *(roll_up(worker) for worker in workers), reported())
            assert results[0] == results[-1] == (count, count * Decimal("0.8500"))
        assert [uses for _, uses, _ in await summed(workers[0])] == [10]
    finally:
        for worker in workers:
            await worker.close()


async def test_the_job_rolls_up(ledger: Ledger, worker_connection: AsyncConnection) -> None:
    await ledger.use(MAY)
    [job] = JOBS
    assert await tick(worker_connection, job)
    assert len(await summed(worker_connection)) == 1
    cursor = await worker_connection.execute("SELECT error FROM job_run WHERE job = %s", (job.name,))
    assert await cursor.fetchall() == [(None,)]


async def test_t26_each_funder_gets_its_part_and_a_shared_use_is_one_use(
    ledger: Ledger, worker_connection: AsyncConnection
) -> None:
    for _ in range(2):
        await ledger.use(MAY, "3.09", shares='[["LV", "1.5450"], ["RIX", "1.5450"]]')
    await roll_up(worker_connection)
    await ledger.use(MAY, "3.09", shares='[["LV", "1.5450"], ["RIX", "1.5450"]]')
    async with transaction(READER) as tx:
        lines = await store.lines(tx, YEAR)
        state = await store.lines(tx, replace(YEAR, funder="RIX"))
    assert [(line.funder, line.uses, line.discount) for line in lines] == [
        ("LV", 3, Decimal("4.635")),
        ("RIX", 3, Decimal("4.635")),
    ]
    assert added(lines) == Sums(3, Decimal("9.27"), Decimal(0), Decimal("9.27"))
    assert added(state) == Sums(3, Decimal("4.635"), Decimal(0), Decimal("4.635"))


async def test_a_shared_use_taken_back_is_taken_back_from_each_funder(
    ledger: Ledger, worker_connection: AsyncConnection
) -> None:
    lunch = await ledger.use(MAY, "3.10", "0.01", shares='[["LV", "1.5450"], ["RIX", "1.5450"]]')
    await roll_up(worker_connection)
    async with transaction(READER) as tx:
        assert added(await store.lines(tx, YEAR)) == Sums(1, Decimal("3.10"), Decimal("0.01"), Decimal("3.09"))
    back = '[["LV", "-1.5450"], ["RIX", "-1.5450"]]'
    await ledger.use(MAY, "-3.10", "-0.01", verdict="REVERSED", reverses=lunch, shares=back)
    await roll_up(worker_connection)
    async with transaction(READER) as tx:
        assert await store.lines(tx, YEAR) == []

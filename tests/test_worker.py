"""The worker: what it does about an entry, and that it outlives failures but not faults."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from psycopg import AsyncConnection
from psycopg.errors import DeadlockDetected
from sqlalchemy import text

from amis import worker
from amis.kernel import audit, clock, draining, outbox
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.outbox import Note
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job
from cards.errors import NoSuchKey

Connect = Callable[[], Awaitable[AsyncConnection]]
Done = list[str]


@pytest.fixture
async def town(owner_connection: AsyncConnection) -> AsyncConnection:
    """A municipality, and a connection that sees everything."""
    await owner_connection.execute("INSERT INTO municipality VALUES (2, 'JLG', 'a', 'a')")
    return owner_connection


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """The keys that were handled; each topic that starts with "bad" fails in its own way after it wrote something."""
    seen: Done = []

    async def good(tx: Transaction, note: Note) -> None:
        await audit.record(tx, "test.done", ("thing", note.key))
        seen.append(note.key)

    def bad(fault: Exception) -> Callable[[Transaction, Note], Awaitable[None]]:
        async def handler(tx: Transaction, note: Note) -> None:
            await good(tx, note)
            raise fault

        return handler

    async def bad_statement(tx: Transaction, note: Note) -> None:
        await good(tx, note)
        await tx.session.execute(text("SELECT 1 / 0"))

    handlers = {"good": good, "bad statement": bad_statement, "fault": bad(TypeError("a fault of the program"))}
    handlers |= {"bad key": bad(NoSuchKey("issuer/JLG")), "bad payload": bad(KeyError("person_id"))}
    handlers |= {"bad id": bad(ValueError("badly formed UUID")), "bad staging": bad(DeadlockDetected("deadlock"))}
    monkeypatch.setattr(worker, "HANDLERS", handlers)
    return seen


async def publish(*topics: str) -> None:
    for topic in topics:
        async with transaction(system("test", 2)) as tx:
            await outbox.publish(tx, topic, topic, {})


async def work(connection: AsyncConnection) -> int:
    return await draining.drain(connection, worker.HANDLERS)


async def open_entries(town: AsyncConnection) -> dict[str, str | None]:
    cursor = await town.execute("SELECT topic, error FROM outbox WHERE done_at IS NULL")
    return dict(await cursor.fetchall())


async def test_an_entry_is_done_once_in_a_transaction_of_its_municipality(
    town: AsyncConnection, worker_connection: AsyncConnection, done: Done
) -> None:
    await publish("good")
    assert [await work(worker_connection), await work(worker_connection)] == [1, 0]
    assert done == ["good"]
    cursor = await town.execute("SELECT municipality_id, actor_id FROM audit WHERE action = 'test.done'")
    assert await cursor.fetchall() == [(2, "worker")]


async def test_a_topic_that_concerns_nobody_is_finished(
    town: AsyncConnection, worker_connection: AsyncConnection, done: Done
) -> None:
    await publish("of no interest")
    await work(worker_connection)
    assert (done, await open_entries(town)) == ([], {})


@pytest.mark.parametrize("topic", ["bad statement", "bad staging", "bad key", "bad payload", "bad id"])
async def test_a_failure_takes_back_its_work_waits_and_holds_nobody_up(
    town: AsyncConnection, worker_connection: AsyncConnection, done: Done, topic: str
) -> None:
    await publish(topic, "good")
    assert await work(worker_connection) == 2
    # together at first, then each by itself
    assert done == [topic, topic, "good"]
    waiting = await open_entries(town)
    assert list(waiting) == [topic]
    assert waiting[topic]
    cursor = await town.execute("SELECT subject_id FROM audit WHERE action = 'test.done'")
    assert await cursor.fetchall() == [("good",)]
    assert await work(worker_connection) == 0
    with clock.moved(clock.now() + timedelta(seconds=5)):
        assert await work(worker_connection) == 1


async def test_entries_of_several_towns_are_done_in_transactions_of_their_own(
    town: AsyncConnection, worker_connection: AsyncConnection, done: Done
) -> None:
    await town.execute("INSERT INTO municipality VALUES (3, 'RIX', 'b', 'b')")
    for municipality in (2, 3, 2):
        async with transaction(system("test", municipality)) as tx:
            await outbox.publish(tx, "good", str(len(done)), {})
    while await work(worker_connection):
        pass
    cursor = await town.execute("SELECT municipality_id FROM audit WHERE action = 'test.done' ORDER BY 1")
    assert await cursor.fetchall() == [(2,), (2,), (3,)]


async def test_a_lease_is_prolonged_for_as_long_as_the_work_takes(
    town: AsyncConnection, worker_connection: AsyncConnection, connect_worker: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    prolonged = "SELECT FROM outbox WHERE due_at > created_at + interval '61.5 seconds'"

    async def long(_: Transaction, note: Note) -> None:
        await until(town, prolonged)
        async with await connect_worker() as other:
            assert await outbox.claim(other) == []

    # prolonged each tenth of a second, by a minute each time
    monkeypatch.setattr(draining, "LEASE", timedelta(seconds=0.3))
    await publish("long")
    assert await draining.drain(worker_connection, {"long": long}) == 1
    assert await open_entries(town) == {}


async def test_two_workers_share_the_work(
    town: AsyncConnection, worker_connection: AsyncConnection, connect_worker: Connect, done: Done
) -> None:
    await publish("good")
    await publish(*(["of no interest"] * 20))
    async with await connect_worker() as other:
        while sum(await asyncio.gather(work(worker_connection), work(other))):
            pass
    assert done == ["good"]
    assert await open_entries(town) == {}


def test_every_topic_of_the_service_has_one_handler_and_every_job_its_own_name() -> None:
    assert {"person.enrolled", "entitlement.changed"} <= set(worker.HANDLERS)
    names = [job.name for job in worker.JOBS]
    assert len(set(names)) == len(names) > 0


@pytest.fixture
async def running(town: AsyncConnection, database: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """The whole worker in this process; its signal handlers go with it."""
    task = asyncio.create_task(worker.run(database))
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(signum)


async def until(town: AsyncConnection, query: str) -> None:
    """Waits until the query gives a row."""
    for _ in range(400):
        if await (await town.execute(query.encode())).fetchone() is not None:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(query)


DONE = "SELECT FROM outbox WHERE done_at IS NOT NULL HAVING count(*) = "


async def test_the_worker_extends_the_tree_drains_the_outbox_ticks_and_stops_when_asked(
    town: AsyncConnection, done: Done, running: asyncio.Task[None]
) -> None:
    await publish("good")
    await until(town, DONE + "1")
    await until(town, "SELECT FROM audit_checkpoint")
    await until(town, f"SELECT FROM job_run WHERE ended_at IS NOT NULL HAVING count(*) >= {len(worker.JOBS)}")
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 20)


async def test_lost_connections_are_opened_again(
    town: AsyncConnection,
    worker_connection: AsyncConnection,
    done: Done,
    running: asyncio.Task[None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[int] = []

    async def note(connection: AsyncConnection) -> None:
        await connection.execute("SELECT 1")
        ran.append(connection.info.backend_pid)

    monkeypatch.setattr(worker, "JOBS", [Job("test", timedelta(seconds=1), note)])
    await publish("good")
    await until(town, DONE + "1")
    await until(town, "SELECT FROM job_run WHERE job = 'test' AND ended_at IS NOT NULL")
    before = ran[-1]
    await worker_connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    await publish("good")
    await until(town, DONE + "2")
    await until(town, "SELECT FROM audit_checkpoint WHERE size = 2")
    for _ in range(400):
        if ran[-1] != before:
            break
        await asyncio.sleep(0.05)
    assert ran[-1] != before


async def test_a_fault_of_the_program_ends_the_worker_aloud(
    town: AsyncConnection, done: Done, running: asyncio.Task[None]
) -> None:
    await publish("fault")
    with pytest.raises(TypeError, match="a fault of the program"):
        await asyncio.wait_for(running, 20)
    assert list(await open_entries(town)) == ["fault"]


def test_the_sources_of_the_tree_are_named_as_the_database_knows_them() -> None:
    assert [source.name for source in worker.SOURCES] == ["audit", "entitlement_log", "notice_arrival", "use"]

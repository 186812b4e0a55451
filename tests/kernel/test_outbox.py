"""The outbox: claimed once, in order of its key, until it is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import AsyncConnection

from amis.kernel import clock, outbox
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.outbox import Note

Connect = Callable[[], Awaitable[AsyncConnection]]
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
async def worker(
    owner_connection: AsyncConnection, worker_connection: AsyncConnection
) -> AsyncIterator[AsyncConnection]:
    """A worker's connection in a town, at noon."""
    await owner_connection.execute("INSERT INTO municipality VALUES (2, 'JLG', 'a', 'a'), (3, 'RIX', 'b', 'b')")
    with clock.moved(START):
        yield worker_connection


async def publish(*keys: str, municipality: int = 2) -> None:
    for key in keys:
        async with transaction(system("test", municipality)) as tx:
            await outbox.publish(tx, "test", key, {"of": key})


def keys(notes: list[Note]) -> list[str]:
    return [note.key for note in notes]


async def test_a_note_tells_what_happened(worker: AsyncConnection) -> None:
    await publish("a")
    (note,) = await outbox.claim(worker)
    assert (note.municipality_id, note.topic, note.key, note.payload, note.attempts) == (2, "test", "a", {"of": "a"}, 1)


async def test_a_note_of_a_transaction_that_failed_was_never_left(worker: AsyncConnection) -> None:
    async def fail() -> None:
        async with transaction(system("test", 2)) as tx:
            await outbox.publish(tx, "test", "a", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await outbox.claim(worker) == []


async def test_of_each_key_only_the_oldest_is_taken(worker: AsyncConnection) -> None:
    await publish("a", "b", "a", "b", "a")
    await publish("a", municipality=3)
    taken = []
    while notes := await outbox.claim(worker):
        taken.append([(note.municipality_id, note.key) for note in notes])
        await outbox.finish(worker, notes)
    assert taken == [[(2, "a"), (2, "b"), (3, "a")], [(2, "a"), (2, "b")], [(2, "a")]]


async def test_no_more_are_taken_than_were_asked_for(worker: AsyncConnection) -> None:
    await publish(*"abcdefghij")
    assert [keys(await outbox.claim(worker, 4)) for _ in range(4)] == [list("abcd"), list("efgh"), list("ij"), []]


async def test_a_leased_note_comes_again_only_when_its_worker_must_be_dead(worker: AsyncConnection) -> None:
    await publish("a")
    assert len(await outbox.claim(worker)) == 1
    with clock.moved(START + outbox.LEASE - timedelta(seconds=5)):
        assert await outbox.claim(worker) == []
    with clock.moved(START + outbox.LEASE + timedelta(seconds=5)):
        (again,) = await outbox.claim(worker)
    assert again.attempts == 2


async def test_a_lease_is_prolonged_while_the_work_goes_on_and_what_is_done_stays_done(worker: AsyncConnection) -> None:
    await publish("a", "b", "b")
    one, other = await outbox.claim(worker)
    await outbox.finish(worker, [one])
    with clock.moved(START + outbox.LEASE - timedelta(seconds=5)):
        await outbox.renew(worker, [one, other])
    with clock.moved(START + outbox.LEASE + timedelta(seconds=5)):
        assert await outbox.claim(worker) == []


async def test_a_finished_note_is_done_for_ever(worker: AsyncConnection) -> None:
    await publish("a")
    (note,) = await outbox.claim(worker)
    await outbox.finish(worker, [note])
    with clock.moved(START + timedelta(days=1)):
        assert await outbox.claim(worker) == []


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (60, 300)])
async def test_a_failed_note_waits_longer_each_time_and_keeps_its_error(
    worker: AsyncConnection, attempts: int, seconds: int
) -> None:
    await publish("a", "b")
    note = (await outbox.claim(worker))[0]
    await worker.execute("UPDATE outbox SET attempts = %s WHERE id = %s", (attempts, note.id))
    await outbox.postpone(worker, Note(note.id, 2, "test", "a", {}, attempts), "broken" * 1_000)
    cursor = await worker.execute("SELECT due_at, error FROM outbox WHERE id = %s", (note.id,))
    due, error = await cursor.fetchone() or (START, "")
    assert timedelta(0) <= due - START - timedelta(seconds=seconds) < timedelta(seconds=5)
    assert error == ("broken" * 1_000)[:500]


async def test_whoever_was_taken_for_dead_changes_nothing_of_what_another_holds(worker: AsyncConnection) -> None:
    await publish("a")
    [slow] = await outbox.claim(worker)
    with clock.moved(START + timedelta(seconds=61)):
        [taken] = await outbox.claim(worker)
        await outbox.postpone(worker, slow, "broken")
        assert await outbox.claim(worker) == []
    with clock.moved(START + timedelta(seconds=100)):
        await outbox.renew(worker, [slow])
    with clock.moved(START + timedelta(seconds=122)):
        assert [note.attempts for note in await outbox.claim(worker)] == [taken.attempts + 1] == [3]


async def test_a_failed_note_holds_up_its_own_key_only(worker: AsyncConnection) -> None:
    await publish("a", "a", "b")
    first = (await outbox.claim(worker))[0]
    await outbox.postpone(worker, first, "broken")
    assert await outbox.claim(worker) == []
    await publish("c")
    assert keys(await outbox.claim(worker)) == ["c"]


async def test_workers_side_by_side_never_share_a_note(worker: AsyncConnection, connect_worker: Connect) -> None:
    await publish(*(f"key {number}" for number in range(60)))
    workers = [await connect_worker() for _ in range(4)]

    async def drain(connection: AsyncConnection) -> list[int]:
        taken: list[int] = []
        while notes := await outbox.claim(connection, 5):
            taken += [note.id for note in notes]
        return taken

    shares = await asyncio.gather(*map(drain, workers))
    taken = [note for share in shares for note in share]
    assert len(taken) == len(set(taken)) == 60
    for connection in workers:
        await connection.close()


async def test_a_note_that_another_is_claiming_is_passed_over(worker: AsyncConnection, connect_worker: Connect) -> None:
    await publish("a", "b")
    async with await connect_worker() as other, other.transaction():
        assert keys(await outbox.claim(other, 1)) == ["a"]
        assert keys(await outbox.claim(worker)) == ["b"]

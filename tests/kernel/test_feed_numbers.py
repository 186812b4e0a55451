"""The feed: nothing is missed, nothing comes twice, and what happened to one person stands in its order."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count

import pytest
from psycopg import AsyncConnection

from amis.kernel import clock, feed, feed_numbers
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.feed import FeedSource
from amis.kernel.feed_numbers import Sequencer

Connect = Callable[[], Awaitable[AsyncConnection]]
TOWN = 7
THINGS = FeedSource(
    "thing",
    "SELECT feed_no, municipality_id, 'thing' AS source, id, topic, subject, jsonb_build_object('n', feed_no) AS data,"
    " at FROM thing",
)


@pytest.fixture(autouse=True)
async def thing(owner_connection: AsyncConnection) -> None:
    """A table whose rows are followed, and two towns."""
    await owner_connection.execute("INSERT INTO municipality VALUES (7, 'JEL', '', ''), (8, 'CES', '', '')")
    await owner_connection.execute(
        "CREATE TABLE thing (id uuid PRIMARY KEY DEFAULT uuidv7(), municipality_id integer NOT NULL,"
        " topic text NOT NULL, subject uuid, at timestamptz NOT NULL DEFAULT now(),"
        " feed_no bigint NOT NULL DEFAULT feed_number());"
        "CREATE INDEX thing_feed ON thing (feed_no); GRANT SELECT, INSERT ON thing TO amis_worker;"
        "GRANT USAGE ON SEQUENCE feed_order TO amis_worker"
    )


async def happen(connection: AsyncConnection, topic: str, town: int = TOWN) -> None:
    await connection.execute("INSERT INTO thing (municipality_id, topic) VALUES (%s, %s)", (town, topic))


async def told(after: int = 0, limit: int = 1000, town: int = TOWN, topics: tuple[str, ...] = ()) -> list[feed.Entry]:
    async with transaction(system("reader", town)) as tx:
        return await feed.entries(tx, after, limit, topics)


async def reached(town: int = TOWN) -> tuple[int, int]:
    async with transaction(system("reader", town)) as tx:
        reach = await feed.reach(tx)
    return reach.head, reach.gone


async def test_every_town_has_numbers_of_its_own_without_a_gap(worker_connection: AsyncConnection) -> None:
    for number, town in enumerate((7, 8, 7, 7, 8)):
        await happen(worker_connection, f"t{number}", town)
    assert await reached() == (0, 0)
    assert await feed_numbers.sequence(worker_connection, [THINGS]) == 5
    assert await feed_numbers.sequence(worker_connection, [THINGS]) == 0
    assert [(entry.seq, entry.topic) for entry in await told()] == [(1, "t0"), (2, "t2"), (3, "t3")]
    assert [(entry.seq, entry.topic) for entry in await told(town=8)] == [(1, "t1"), (2, "t4")]
    await happen(worker_connection, "t5")
    assert await feed_numbers.sequence(worker_connection, [THINGS]) == 1
    assert [(entry.seq, entry.topic) for entry in await told(2, 9, topics=("t5", "t0"))] == [(4, "t5")]
    assert await reached() == (4, 0)


async def test_the_very_first_is_told_without_a_second(worker_connection: AsyncConnection) -> None:
    sequencer = Sequencer([THINGS])
    assert await sequencer.look(worker_connection) == 0
    await happen(worker_connection, "a")
    assert await sequencer.look(worker_connection) == 1


async def test_what_is_not_committed_holds_back_what_was_drawn_after_it(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    sequencer = Sequencer([THINGS])
    async with await connect_worker() as slow:
        async with slow.transaction():
            await happen(slow, "slow")
            assert await sequencer.look(worker_connection) == 0
            await happen(worker_connection, "quick")
            assert await sequencer.look(worker_connection) == 0
        assert await sequencer.look(worker_connection) == 2
    assert [entry.topic for entry in await told()] == ["slow", "quick"]


async def test_what_happened_first_is_told_first_whoever_began_first(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    # as when a bulk that runs for long meets somebody whom a single event has just changed
    async with await connect_worker() as bulk, bulk.transaction():
        await bulk.execute("SELECT pg_current_xact_id()")
        await happen(worker_connection, "blocked")
        await happen(bulk, "unblocked")
    assert await feed_numbers.sequence(worker_connection, [THINGS]) == 2
    assert [entry.topic for entry in await told()] == ["blocked", "unblocked"]


async def test_a_transaction_that_failed_leaves_no_gap(worker_connection: AsyncConnection) -> None:
    async def fail() -> None:
        async with worker_connection.transaction():
            await happen(worker_connection, "lost")
            raise ZeroDivisionError

    await happen(worker_connection, "a")
    with pytest.raises(ZeroDivisionError):
        await fail()
    await happen(worker_connection, "b")
    await feed_numbers.sequence(worker_connection, [THINGS])
    assert [(entry.seq, entry.topic) for entry in await told()] == [(1, "a"), (2, "b")]


async def test_another_sequencer_goes_on_and_more_than_one_helping_is_numbered_at_once(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    async with await connect_worker() as first:
        await happen(first, "a")
        await feed_numbers.sequence(first, [THINGS])
    many = 2 * feed_numbers.AT_ONCE + 1
    await worker_connection.execute(
        "INSERT INTO thing (municipality_id, topic) SELECT 7, 'b' FROM generate_series(1, %s)", (many,)
    )
    assert await feed_numbers.sequence(worker_connection, [THINGS]) == many
    assert await reached() == (many + 1, 0)


async def test_what_is_old_is_forgotten_from_the_beginning_on(
    worker_connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FORGOTTEN_AT_ONCE", 1)
    long_ago = clock.now() - timedelta(days=90)
    with clock.moved(long_ago):
        for topic in ("a", "b"):
            await happen(worker_connection, topic)
        await feed_numbers.sequence(worker_connection, [THINGS])
    await happen(worker_connection, "c")
    await feed_numbers.sequence(worker_connection, [THINGS])
    assert await feed.forget(worker_connection, clock.now() - timedelta(days=60)) == 2
    assert await reached() == (3, 2)
    assert [entry.topic for entry in await told()] == ["c"]


async def test_a_reader_misses_nothing_and_sees_nothing_twice_while_eight_write_at_once(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    writing = asyncio.gather(*(_write(connect_worker, 40) for _ in range(8)))
    sequencing = asyncio.create_task(_sequence(worker_connection))
    seen: list[feed.Entry] = []
    by_id: set[str] = set()
    newest = ""
    async with await connect_worker() as naive:
        while len(seen) < 8 * 40:
            seen.extend(await told(seen[-1].seq if seen else 0))
            cursor = await naive.execute("SELECT id::text FROM thing WHERE id::text > %s ORDER BY id", (newest,))
            by_id |= (page := {row[0] for row in await cursor.fetchall()})
            newest = max({newest, *page})
    await writing
    sequencing.cancel()
    assert [entry.seq for entry in seen] == list(range(1, 8 * 40 + 1))
    assert len({entry.ref for entry in seen}) == 8 * 40
    # What the numbers are for: a reader that pages by an id drawn before the commit loses rows.
    assert len(by_id) < 8 * 40


async def _write(connect: Connect, transactions: int) -> None:
    async with await connect() as connection:
        for number in range(transactions):
            async with connection.transaction():
                await happen(connection, f"t{number}")
                await asyncio.sleep(0.001 * (number % 5))


async def _sequence(connection: AsyncConnection) -> None:
    sequencer = Sequencer([THINGS])
    for _ in count():
        await sequencer.look(connection)
        await asyncio.sleep(0.005)

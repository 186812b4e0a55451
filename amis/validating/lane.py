"""A lane: one database connection that answers all waiting taps together, in two calls a batch.

Taps that arrive while the lane is busy wait in a bounded list; the free lane takes them all, reads the claims of all,
decides each, writes all in one statement and answers after its commit. An error of a batch is an error of one of its
items: then each runs alone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import msgspec
import structlog
from psycopg import AsyncConnection, Error
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from amis.kernel import clock
from amis.kernel.errors import Unavailable
from amis.validating.batch import Batch, Known
from amis.validating.claims import KnownTerms, Row
from amis.validating.guesses import Guesses
from amis.validating.item import Item
from amis.validating.ledger import Asked, Asking, Writing
from amis.validating.revisions import learn

LARGEST_BATCH = 256
MOST_WAITING = 2_000
"""Taps that may wait; the next one is told to come again."""
ROUNDS = 8
"""How often an item may lose a race before its terminal is told to come again."""
LONGEST_PAUSE = 5.0
"""Seconds between attempts to reach a lost database, at most."""

FIRST_WAIT = 1.0
"""Seconds that a starting process gives the database to answer, so that its first taps are not refused."""

_SETTINGS = (
    "SET statement_timeout = '2s'",
    "SET plan_cache_mode = force_generic_plan",
    # a plan made while a table was nearly empty would read all of it for ever
    "SET enable_seqscan = off",
    "SET TIME ZONE 'UTC'",
)
_RACES = (UniqueViolation, SerializationFailure, DeadlockDetected)
_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Lane:
    """One connection and the taps that wait for it; see `lanes`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: deque[Item] = deque()
        self._arrived = asyncio.Event()
        self._connected = asyncio.Event()
        self._known = Known(KnownTerms(), Guesses())
        self._work = asyncio.create_task(self._serve())

    def promise(self) -> "asyncio.Future[bytes]":
        """A place for one answer."""
        return asyncio.get_running_loop().create_future()

    async def decide(self, item: Item) -> bytes:
        """The answer to one tap, recorded before it is given.

        Raises:
            Unavailable: the database is away, or too many taps wait.
            AmisError: what is wrong with this request.
        """
        if not self._connected.is_set() or len(self._waiting) >= MOST_WAITING:
            raise Unavailable
        self._waiting.append(item)
        self._arrived.set()
        return await item.answered

    async def ready(self) -> None:
        """Returns once the database is reached."""
        await self._connected.wait()

    async def close(self) -> None:
        """Ends the work at hand and refuses what still waits."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        self._refuse_waiting()

    async def _serve(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True, prepare_threshold=0) as connection:
                    for setting in _SETTINGS:
                        await connection.execute(setting)
                    self._connected.set()
                    pause = 0.1
                    await self._answer_waiting(connection)
            except (Error, OSError) as error:
                _log.warning("lane lost the database", reason=str(error))
            finally:
                self._connected.clear()
                self._refuse_waiting()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _refuse_waiting(self) -> None:
        while self._waiting:
            self._waiting.popleft().settle(Unavailable())

    async def _answer_waiting(self, connection: AsyncConnection) -> None:
        while not connection.closed:
            await self._arrived.wait()
            batch = [self._waiting.popleft() for _ in range(min(LARGEST_BATCH, len(self._waiting)))]
            if not self._waiting:
                self._arrived.clear()
            try:
                await self._isolated(connection, batch)
            finally:
                for item in batch:
                    item.settle(Unavailable())

    async def _isolated(self, connection: AsyncConnection, batch: Sequence[Item]) -> None:
        """Answers a batch; if it fails as a whole, each of its items alone."""
        (failure,) = await asyncio.gather(self._answer(connection, batch), return_exceptions=True)
        if failure is None or connection.closed:
            return
        _log.warning("batch failed", size=len(batch), reason=f"{type(failure).__name__}: {failure}")
        if len(batch) > 1:
            for item in batch:
                await self._isolated(connection, [item])

    async def _answer(self, connection: AsyncConnection, items: Sequence[Item]) -> None:
        left = [item for item in items if not item.answered.done()]
        for _ in range(ROUNDS):
            if not left:
                return
            batch = await self._decided(connection, left)
            try:
                lost = await _committed(connection, batch)
            except _RACES:
                # another process answered the same key or tapped the same token meanwhile: read again
                continue
            _settle(batch, lost)
            left = [item for item in left if not item.answered.done()]

    async def _decided(self, connection: AsyncConnection, items: Sequence[Item]) -> Batch:
        rows = await _claims(connection, items)
        if missing := self._known.terms.missing(rows):
            await learn(connection, self._known.terms, missing)
        batch = Batch(self._known)
        batch.decide(items, rows)
        return batch


async def _claims(connection: AsyncConnection, items: Sequence[Item]) -> list[Row]:
    asked = Asking(clock.now(), [Asked.of(index, item) for index, item in enumerate(items)])
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute("SELECT * FROM tap_claims(%s::json)", (_encode(asked).decode(),))
        return [Row._make(row) for row in await cursor.fetchall()]


async def _committed(connection: AsyncConnection, batch: Batch) -> frozenset[int]:
    """Writes what was decided; returns the groups that lost their quota."""
    if not batch.written:
        return frozenset()
    writing = Writing(clock.now(), list(batch.takes.values()), [row for _, row in batch.written])
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute("SELECT tap_commit(%s::json)", (_encode(writing).decode(),))
        found = await cursor.fetchone()
    return frozenset(found[0] if found else ())


def _settle(batch: Batch, lost: frozenset[int]) -> None:
    for item, outcome in batch.settled:
        item.settle(outcome)
    for item, row in batch.written:
        if row.g is None or row.g not in lost:
            item.settle(row.answer.encode())


@asynccontextmanager
async def lanes(url: str) -> AsyncIterator[Lane]:
    """This process's lane on the database at `url` (role amis_app), for the length of the block.

    A database that is away is no reason not to start: the lane goes on trying and refuses taps meanwhile.
    """
    lane = Lane(url.replace("postgresql+psycopg://", "postgresql://", 1))
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(lane.ready(), FIRST_WAIT)
        yield lane
    finally:
        await lane.close()

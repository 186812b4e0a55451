"""What terminals say of themselves is kept together: ten thousand of them say it each half minute.

Those that come while the connection is busy wait and are then kept by one statement, which also looks whose bearers
they show; each is answered after its commit. See `amis.validating.lane` for the same with taps.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import LiteralString

import msgspec
import structlog
from psycopg import AsyncConnection, Error

from amis.kernel import clock
from amis.kernel.errors import Unavailable
from amis.validating.errors import TerminalUnknown

MOST_WAITING = 2_000
"""Presences that may wait; the next one is told to come again."""
LARGEST_BATCH = 256
LONGEST_PAUSE = 5.0
"""Seconds between attempts to reach a lost database, at most."""
_TELL: LiteralString = "SELECT tell_presence(%s::json)"

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Told(msgspec.Struct, frozen=True):
    """What one terminal said; `bearer` is the SHA-256 of its token, digests are hexadecimal."""

    bearer: str
    held: int | None
    hash: str | None
    skew_ms: int
    journal_seq: int | None
    journal_hash: str | None
    waiting: int
    software: str


class Presences:
    """One connection and what waits for it; see `presences`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: deque[tuple[Told, asyncio.Future[bool]]] = deque()
        self._arrived = asyncio.Event()
        self._work = asyncio.create_task(self._serve())

    async def tell(self, told: Told) -> None:
        """Returns once it is kept.

        Raises:
            Unavailable: the database is away, or too many wait.
            TerminalUnknown: the bearer is no active terminal's.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((told, kept))
        self._arrived.set()
        if not await kept:
            raise TerminalUnknown

    async def close(self) -> None:
        """Ends the work and refuses what still waits."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        self._refuse()

    async def _serve(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True, prepare_threshold=0) as connection:
                    pause = 0.1
                    await self._keep_waiting(connection)
            except (Error, OSError) as error:
                _log.warning("presences lost the database", reason=str(error))
                self._refuse()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _keep_waiting(self, connection: AsyncConnection) -> None:
        while True:
            await self._arrived.wait()
            # not taken off before they are kept: what fails is refused with the rest
            batch = [self._waiting[at] for at in range(min(LARGEST_BATCH, len(self._waiting)))]
            good = await keep(connection, [told for told, _ in batch], clock.now())
            for at, (_, kept) in enumerate(batch):
                self._waiting.popleft()
                if not kept.done():
                    kept.set_result(at in good)
            if not self._waiting:
                self._arrived.clear()

    def _refuse(self) -> None:
        while self._waiting:
            _, kept = self._waiting.popleft()
            if not kept.done():
                kept.set_exception(Unavailable())


async def keep(connection: AsyncConnection, told: Sequence[Told], at: datetime) -> set[int]:
    """Keeps what terminals said, as role amis_app; which of them, by their places, are active terminals."""
    items = [{"i": i} | msgspec.structs.asdict(one) for i, one in enumerate(told)]
    batch = _encode({"now": at.isoformat(), "items": items}).decode()
    row = await (await connection.execute(_TELL, (batch,))).fetchone()
    return set(row[0]) if row else set()


@asynccontextmanager
async def presences(url: str) -> AsyncIterator[Presences]:
    """That of this process; `url` is that of amis_app."""
    opened = Presences(url)
    try:
        yield opened
    finally:
        await opened.close()

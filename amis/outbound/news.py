"""News of the feed in a web process: one connection listens and wakes every request that waits for an entry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from psycopg import AsyncConnection, Error

from amis.kernel.feed import CHANNEL

LOOK_EVERY = 5.0
"""Seconds after which those who wait look although nothing was heard."""
AGAIN = 1.0
"""Seconds between two looks while the connection is lost."""

_log = structlog.get_logger()


class News:
    """An event that each round of the sequencer makes; see `feed_news`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._event = asyncio.Event()
        self._work = asyncio.create_task(self._listen())

    def next(self) -> asyncio.Event:
        """Set when there may be something new from now on; taken before one looks what there is."""
        return self._event

    async def close(self) -> None:
        """Stops listening."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    while True:
                        self._wake()
                        async for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
                            pass
            except (Error, OSError) as error:
                _log.warning("news of the feed lost the database, again in a second", reason=str(error))
            await asyncio.sleep(AGAIN)
            self._wake()

    def _wake(self) -> None:
        self._event.set()
        self._event = asyncio.Event()


@asynccontextmanager
async def feed_news(url: str) -> AsyncIterator[News]:
    """The news of this process; `url` is that of amis_app."""
    news = News(url)
    try:
        yield news
    finally:
        await news.close()

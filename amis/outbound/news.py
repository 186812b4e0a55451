"""News of the feed in a web process: one connection listens and wakes every request that waits for an entry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection

from amis.kernel.feed import CHANNEL
from amis.kernel.listening import listen


class News:
    """An event that each round of the sequencer makes; see `feed_news`."""

    def __init__(self, url: str) -> None:
        self._event = asyncio.Event()
        self._work = asyncio.create_task(listen(url, CHANNEL, self._look))

    def next(self) -> asyncio.Event:
        """Set when there may be something new from now on; taken before one looks what there is."""
        return self._event

    async def close(self) -> None:
        """Stops listening."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _look(self, _connection: AsyncConnection) -> None:
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

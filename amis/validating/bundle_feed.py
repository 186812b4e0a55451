"""The feed of a web process: one connection listens for new versions and wakes every request that waits for one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from amis.kernel.listening import listen
from amis.validating.bundle_round import CHANNEL
from amis.validating.bundle_store import Change, following

KEPT = 64
"""Versions of a provider that are answered from memory."""
LARGEST = 64 * 1024
"""Bytes of a delta that is worth keeping in memory."""
_NEWEST: LiteralString = "SELECT provider_id, max(seq) FROM bundle_version GROUP BY provider_id"
_AFTER: LiteralString = """
SELECT provider_id, seq, from_seq, CASE WHEN length(delta) <= %s THEN delta END, delta IS NULL
FROM bundle_version WHERE seq > %s ORDER BY seq FETCH FIRST 2000 ROWS WITH TIES
"""


class Feed:
    """The newest versions of every provider, and an event that each new one makes; see `bundle_feed`.

    `providers` is what this process has learnt of whose terminal (by machine id) is whose.
    """

    def __init__(self, url: str) -> None:
        self._seq: int | None = None
        self._news = asyncio.Event()
        self._versions: dict[UUID, deque[Change]] = {}
        self.providers: dict[str, UUID] = {}
        self._work = asyncio.create_task(listen(url, CHANNEL, self._look))

    def next_news(self) -> asyncio.Event:
        """Set when something is published for anybody from now on; taken before one looks what there is."""
        return self._news

    def known(self, provider_id: UUID, since: int) -> Sequence[Change] | None:
        """The versions after `since` as far as memory goes; None where the database has to be asked.

        Raises:
            BundleGap: what follows `since` has to be taken as a whole.
        """
        rows = [row for row in self._versions.get(provider_id, ()) if row.seq >= since]
        if not rows or since not in (rows[0].seq, rows[0].since):
            return None
        return following(rows, since)

    async def close(self) -> None:
        """Stops listening."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _look(self, connection: AsyncConnection) -> None:
        if self._seq is None:
            newest = await (await connection.execute(_NEWEST)).fetchall()
            self._versions = {provider_id: deque([Change(seq, None, None)], KEPT) for provider_id, seq in newest}
            self._seq = max((seq for _, seq in newest), default=0)
            self._wake()
            return
        rows = await (await connection.execute(_AFTER, (LARGEST, self._seq), binary=True)).fetchall()
        for provider_id, seq, since, delta, whole in rows:
            kept = self._versions.setdefault(provider_id, deque(maxlen=KEPT))
            if delta is None and not whole:
                # too large to be kept: those who wait for it ask the database
                kept.clear()
            else:
                kept.append(Change(seq, since, delta))
            self._seq = seq
        if rows:
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


@asynccontextmanager
async def bundle_feed(url: str) -> AsyncIterator[Feed]:
    """The feed of this process; `url` is that of amis_app."""
    feed = Feed(url)
    try:
        yield feed
    finally:
        await feed.close()

"""Numbering the feed: one sequencer gives each municipality's rows their place once nothing can come before them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.feed import CHANNEL, FeedSource

AT_ONCE = 5_000
"""Rows that are numbered in one transaction."""
_MOST_BOUNDS = 256
_NUMBERED: LiteralString = """
WITH taken AS MATERIALIZED (
    SELECT * FROM ({rows}) AS row
    WHERE feed_no > %(after)s AND feed_no <= %(last)s ORDER BY feed_no LIMIT %(limit)s
), head AS (
    INSERT INTO feed_head AS known (municipality_id, seq)
    SELECT municipality_id, count(*) FROM taken GROUP BY municipality_id
    ON CONFLICT (municipality_id) DO UPDATE SET seq = known.seq + excluded.seq
    RETURNING municipality_id, seq
), told AS (
    INSERT INTO feed (municipality_id, seq, source, ref, topic, subject, data, at, sequenced_at)
    SELECT municipality_id, seq + 1 - row_number() OVER (PARTITION BY municipality_id ORDER BY feed_no DESC),
        source, id, topic, subject, data, at, %(now)s
    FROM taken JOIN head USING (municipality_id)
), marked AS (
    UPDATE feed_mark SET feed_no = newest FROM (SELECT max(feed_no) AS newest FROM taken) AS last
    WHERE newest IS NOT NULL RETURNING pg_notify(%(channel)s, '')
)
SELECT (SELECT count(*) FROM taken), (SELECT max(feed_no) FROM taken), (SELECT count(*) FROM marked)
"""


@dataclass(slots=True)
class Sequencer:
    """Numbers what is final, in the order of `feed_no`; the connection (amis_worker) is in autocommit.

    A bound is a number that was drawn before a transaction id was given: once no older transaction runs, nothing up to
    the number can still come.
    """

    sources: Sequence[FeedSource]
    _bounds: deque[tuple[int, int]] = field(default_factory=deque)
    _seen: int = 0
    _mark: int | None = None

    async def look(self, connection: AsyncConnection) -> int:
        """Numbers what has become final since; returns how many rows that were."""
        last = await self._final(connection)
        if last is None:
            return 0
        if self._mark is None:
            self._mark = (await _one(connection, "SELECT feed_no FROM feed_mark"))[0]
        total = 0
        while taken := await self._take(connection, last):
            total += taken
            if taken < AT_ONCE:
                break
        return total

    async def _final(self, connection: AsyncConnection) -> int | None:
        """The number up to which nothing can still come; None where that is no news."""
        # Of a sequence that nobody has drawn from, the last value is the first that somebody is going to draw.
        [drawn] = await _one(connection, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM feed_order")
        if drawn != self._seen and len(self._bounds) < _MOST_BOUNDS:
            # Only now, so that whoever drew a number up to `drawn` has a lower id; a snapshot's xmax may lie below it.
            [own] = await _one(connection, "SELECT pg_current_xact_id()::text::bigint")
            self._bounds.append((drawn, own))
            self._seen = drawn
        if not self._bounds:
            return None
        [oldest] = await _one(connection, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        final = None
        while self._bounds and self._bounds[0][1] <= oldest:
            final = self._bounds.popleft()[0]
        return final

    async def _take(self, connection: AsyncConnection, last: int) -> int:
        rows = " UNION ALL ".join(f"({source.rows})" for source in self.sources)
        values = {"after": self._mark, "last": last, "limit": AT_ONCE, "now": clock.now(), "channel": CHANNEL}
        taken, newest, _ = await _one(connection, _NUMBERED.format(rows=rows), values)
        if taken:
            self._mark = newest
        return int(taken)


async def sequence(connection: AsyncConnection, sources: Sequence[FeedSource]) -> int:
    """Numbers all that is final at this moment; returns how many rows that were."""
    return await Sequencer(sources).look(connection)


async def _one(
    connection: AsyncConnection, statement: LiteralString, values: dict[str, Any] | None = None
) -> tuple[Any, ...]:
    row = await (await connection.execute(statement, values)).fetchone()
    assert row is not None
    return row

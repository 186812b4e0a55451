"""The feed: what others may follow, numbered without a gap for each municipality after it is committed.

A row draws its `feed_no` inside the writing transaction, so those of one subject, which is locked meanwhile, stand in
the order in which they happened. A reader that paged by that number would miss what commits late; so one sequencer
waits until nobody can still commit a lower one, and then gives the next `seq`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy import text

from amis.kernel.db import Transaction

CHANNEL = "feed"
"""Whoever listens here is told when there is something new."""
FORGOTTEN_AT_ONCE = 10_000
"""Entries that one statement takes out."""
_FORGET: LiteralString = """
WITH slice AS (
    SELECT municipality_id, seq FROM feed WHERE sequenced_at < %(before)s ORDER BY municipality_id, seq LIMIT %(limit)s
), old AS (
    SELECT municipality_id, max(seq) AS seq FROM slice GROUP BY municipality_id
), noted AS (
    UPDATE feed_head SET gone = old.seq FROM old WHERE old.municipality_id = feed_head.municipality_id
)
DELETE FROM feed USING old WHERE feed.municipality_id = old.municipality_id AND feed.seq <= old.seq
"""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A table whose rows go into the feed.

    `rows` selects (feed_no, municipality_id, source, id, topic, subject, data, at), `source` being `name`; `data` is
    jsonb and holds ids, codes and days, nothing that is sealed elsewhere.
    """

    name: str
    rows: LiteralString


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a municipality's feed; `subject` is the person that it is about, `ref` the row of `source`."""

    seq: int
    source: str
    ref: UUID
    topic: str
    subject: UUID | None
    data: dict[str, Any]
    at: datetime
    sequenced_at: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a municipality's feed goes: `head` is its newest number, all up to `gone` is no longer kept."""

    head: int
    gone: int


async def entries(tx: Transaction, after: int, limit: int, topics: Collection[str] = ()) -> list[Entry]:
    """The municipality's entries with a number above `after`, in order, at most `limit`; of some topics if named."""
    rows = await tx.session.execute(
        text(
            "SELECT seq, source, ref, topic, subject, data, at, sequenced_at FROM feed"
            " WHERE municipality_id = :own AND seq > :after"
            " AND (cardinality(CAST(:topics AS text[])) = 0 OR topic = ANY (CAST(:topics AS text[])))"
            " ORDER BY seq LIMIT :limit"
        ),
        {"own": tx.municipality_id, "after": after, "topics": list(topics), "limit": limit},
    )
    return [Entry(*row) for row in rows]


async def reach(tx: Transaction) -> Reach:
    """How far the municipality's feed goes; (0, 0) before its first entry."""
    row = (
        await tx.session.execute(
            text("SELECT seq, gone FROM feed_head WHERE municipality_id = :own"), {"own": tx.municipality_id}
        )
    ).one_or_none()
    return Reach(*row) if row else Reach(0, 0)


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Takes out of every feed what was numbered before this instant; returns how many entries that were.

    A little at a time: the sequencer waits for each statement, since both write how far a feed goes.
    """
    total = 0
    while gone := (await connection.execute(_FORGET, {"before": before, "limit": FORGOTTEN_AT_ONCE})).rowcount:
        total += gone
    return total

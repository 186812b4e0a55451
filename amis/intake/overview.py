"""Reads for the page of sources: how each one is, how late its notices are, what became of them, what waits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text

from amis.intake.heartbeat import Health, health
from amis.kernel.db import Transaction

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
_HEALTH = """
SELECT id, label, source, state, heard_at, heartbeat_at, pending, expect_every FROM sender
WHERE municipality_id = :own ORDER BY label, source
"""
# What was put right here has no key: how long that took says nothing of the source.
_LAGS = """
SELECT sender_id, count(*) AS count, percentile_disc(0.5) WITHIN GROUP (ORDER BY received_at - sent_at) AS p50,
    percentile_disc(0.99) WITHIN GROUP (ORDER BY received_at - sent_at) AS p99
FROM notice_arrival
WHERE municipality_id = :own AND batch_id IS NULL AND received_at > :hour AND verdict = 'applied'
    AND key_id IS NOT NULL AND sent_at IS NOT NULL
GROUP BY sender_id
"""
_VERDICTS = """
SELECT sender_id, verdict, sum(count)::bigint AS count FROM (
    SELECT sender_id, verdict, count(*) AS count FROM notice_arrival
    WHERE municipality_id = :own AND batch_id IS NULL AND received_at > :day GROUP BY sender_id, verdict
    UNION ALL
    SELECT sender_id, each.verdict, each.count FROM batch, LATERAL (VALUES ('applied', applied),
        ('unchanged', unchanged), ('stale', stale), ('conflict', conflict), ('rejected', rejected), ('held', held),
        ('unsupported', unsupported)) AS each (verdict, count)
    WHERE municipality_id = :own AND received_at > :day AND each.count > 0
) AS counted GROUP BY sender_id, verdict
"""
_WAITING = (
    "SELECT sender_id, count(*) FROM quarantine WHERE municipality_id = :own AND state = 'open' GROUP BY sender_id"
)
_NEWEST = """
SELECT sender.id AS sender_id, newest.id, newest.state, newest.received_at FROM sender, LATERAL (
    SELECT id, state, received_at FROM batch
    WHERE municipality_id = sender.municipality_id AND sender_id = sender.id ORDER BY received_at DESC, id DESC LIMIT 1
) AS newest WHERE sender.municipality_id = :own
"""


@dataclass(frozen=True, slots=True)
class SenderHealth:
    """A sender as its heartbeats tell of it: `pending` notices it still has to send, `health` at the time of asking."""

    id: UUID
    label: str
    source: str
    state: str
    heard_at: datetime | None
    heartbeat_at: datetime | None
    pending: int | None
    expect_every: timedelta | None
    health: Health


@dataclass(frozen=True, slots=True)
class Lag:
    """From the source's own time of an event until it was received: of `count` applied ones of the last hour."""

    count: int
    p50: timedelta
    p99: timedelta


@dataclass(frozen=True, slots=True)
class NewestBatch:
    """The file that a source handed over last."""

    id: UUID
    state: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """A source at a glance; `verdicts` counts notices and rows of the last 24 hours, `waiting` the open quarantine."""

    sender: SenderHealth
    lag: Lag | None
    verdicts: Mapping[str, int]
    waiting: int
    batch: NewestBatch | None


async def sources(tx: Transaction) -> list[SourceSeen]:
    """The sources of this municipality by name."""
    since = {"hour": tx.at - HOUR, "day": tx.at - DAY}
    lags = {row["sender_id"]: Lag(row["count"], row["p50"], row["p99"]) for row in await _rows(tx, _LAGS, since)}
    waiting = {row["sender_id"]: row["count"] for row in await _rows(tx, _WAITING, {})}
    newest = {row["sender_id"]: _newest(row) for row in await _rows(tx, _NEWEST, {})}
    verdicts: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in await _rows(tx, _VERDICTS, since):
        verdicts[row["sender_id"]][row["verdict"]] = row["count"]
    return [
        SourceSeen(one, lags.get(one.id), verdicts[one.id], waiting.get(one.id, 0), newest.get(one.id))
        for one in await sender_health(tx)
    ]


async def sender_health(tx: Transaction) -> list[SenderHealth]:
    """How the senders of this municipality are now, by name."""
    return [
        SenderHealth(**row, health=health(tx.at, row["expect_every"], row["heard_at"]))
        for row in await _rows(tx, _HEALTH, {})
    ]


def _newest(row: RowMapping) -> NewestBatch:
    return NewestBatch(row["id"], row["state"], row["received_at"])


async def _rows(tx: Transaction, statement: str, asked: Mapping[str, object]) -> Sequence[RowMapping]:
    return (await tx.session.execute(text(statement), {"own": tx.municipality_id, **asked})).mappings().all()

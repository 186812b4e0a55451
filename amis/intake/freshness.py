"""How fresh everything is: from the moment a source sends until terminals hold what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import LiteralString

from prometheus_client import Histogram
from psycopg import AsyncConnection
from sqlalchemy import text

from amis.kernel import clock
from amis.kernel.db import Transaction

STAGES = ("received", "applied", "sequenced", "acked")
"""The stages of a notice after `sent`: read by the service, committed, numbered for terminals, held by all of them."""
KEPT = timedelta(days=7)
SECONDS = Histogram(
    "amis_freshness_seconds",
    "Canaries: from sending until the stage. Changes: until published, and from then until a terminal holds it",
    ["of", "stage"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
_TIMES: LiteralString = "received_at - sent_at, applied_at - sent_at, sequenced_at - sent_at, acked_at - sent_at"
_LAST = f"SELECT number, sent_at, live, holding, error, {_TIMES} FROM freshness ORDER BY number DESC LIMIT 1"  # noqa: S608
_ONE = f"SELECT {_TIMES} FROM freshness WHERE number = %s"  # noqa: S608
_HOUR = f"""
WITH flown AS (
    SELECT stage, seconds FROM freshness, unnest(:stages ::text[], ARRAY[{_TIMES}]) AS each (stage, seconds)
    WHERE sent_at > :since AND seconds IS NOT NULL
)
SELECT stage, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds),
    percentile_disc(0.99) WITHIN GROUP (ORDER BY seconds)
FROM flown GROUP BY stage
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of canaries: how long the last one took to it from sending (None = not come), and those of an hour."""

    name: str
    last: timedelta | None
    count: int
    p50: timedelta | None
    p99: timedelta | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """The last canary and the stages; `holding` of `live` terminals hold it, `error` says why it did not get in."""

    number: int
    sent_at: datetime
    live: int | None
    holding: int | None
    error: str | None
    stages: Sequence[Stage]


async def freshness(tx: Transaction) -> Freshness | None:
    """How fresh things are in this installation, None where no canary has flown."""
    last = (await tx.session.execute(text(_LAST))).one_or_none()
    if last is None:
        return None
    number, sent_at, live, holding, error, *times = last
    asked = {"stages": list(STAGES), "since": tx.at - timedelta(hours=1)}
    hour = {name: rest for name, *rest in await tx.session.execute(text(_HOUR), asked)}
    stages = [Stage(name, time, *hour.get(name, (0, None, None))) for name, time in zip(STAGES, times, strict=True)]
    return Freshness(number, sent_at, live, holding, error, stages)


async def observe(connection: AsyncConnection, number: int) -> None:
    """Counts one canary in the metrics of this process."""
    row = await (await connection.execute(_ONE, (number,))).fetchone()
    for stage, time in zip(STAGES, row or (), strict=False):
        if time is not None:
            SECONDS.labels("canary", stage).observe(time.total_seconds())


async def forget(connection: AsyncConnection) -> None:
    """Deletes canaries of more than a week ago."""
    await connection.execute("DELETE FROM freshness WHERE sent_at < %s", (clock.now() - KEPT,))


@dataclass(slots=True)
class Watch:
    """Counts in this process's metrics how fast real changes reach terminals, of those since the last look."""

    since: datetime = field(default_factory=clock.now)

    async def look(self, connection: AsyncConnection) -> None:
        """Counts what was published and acknowledged since the last look; samples where it is a lot."""
        now = clock.now()
        seen = await connection.execute("SELECT stage, seconds FROM published_since(%s)", (self.since,))
        for stage, seconds in await seen.fetchall():
            SECONDS.labels("change", stage).observe(max(0.0, seconds))
        self.since = now

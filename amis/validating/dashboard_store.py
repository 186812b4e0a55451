"""Reading: the taps of the last hour by minute, verdict, reason and place, and how fresh the terminals' data are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text

from amis.kernel.db import Transaction
from amis.validating import terminal_store
from amis.validating.conflict_store import open_conflicts

SPAN = timedelta(hours=1)
MINUTES = int(SPAN / timedelta(minutes=1))
MOST_PLACES = 10
"""The busiest places that are named."""
_CLOCKS = timedelta(minutes=10)
"""By how much the clock of a terminal may be ahead."""
VERDICTS = ("ACCEPT", "ACCEPT_WARN", "DENY")


@dataclass(frozen=True, slots=True)
class Busy:
    """Taps of the last hour at one place."""

    provider: str
    place: str
    taps: int


@dataclass(frozen=True, slots=True)
class Live:
    """What goes on: `minutes` holds, for each of the last 60 minutes, the taps by verdict in the order of VERDICTS.

    `standings` counts terminals by how they stand; `conflicts` that wait for somebody; `published` is when the newest
    data of the provider that waits longest were published, None where nothing was published yet.
    """

    minutes: tuple[tuple[datetime, tuple[int, int, int]], ...]
    verdicts: dict[str, int]
    reasons: tuple[tuple[str, int], ...]
    busiest: tuple[Busy, ...]
    standings: dict[str, int]
    conflicts: int
    published: datetime | None

    @property
    def taps(self) -> int:
        """Taps of the last hour."""
        return sum(self.verdicts.values())


_TAPS = """
SELECT date_trunc('minute', use.at) AS minute, use.provider_id, use.place_id, use.verdict, use.reason, count(*) AS taps
FROM use
WHERE use.id >= :oldest AND use.municipality_id = :municipality AND use.at > :since AND use.at <= :now
    AND use.verdict <> 'REVERSED'
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT date_trunc('minute', audit.at), (audit.after ->> 'provider')::uuid, (audit.after ->> 'place')::uuid, 'DENY',
    audit.reason, count(*)
FROM audit
WHERE audit.municipality_id = :municipality AND audit.action = 'tap.deny' AND audit.at > :since AND audit.at <= :now
GROUP BY 1, 2, 3, 4, 5
"""
_NAMES = """
SELECT place.id, provider.name AS provider, place.name AS place
FROM place JOIN provider ON provider.id = place.provider_id WHERE place.id = ANY (:places)
"""
_PUBLISHED = """
SELECT min(latest.at) FROM provider, LATERAL (
    SELECT bundle_version.at FROM bundle_version WHERE bundle_version.provider_id = provider.id
    ORDER BY bundle_version.seq DESC LIMIT 1
) AS latest
"""


async def look(tx: Transaction) -> Live:
    """What goes on at the instant of the transaction, for its municipality."""
    first = tx.at.replace(second=0, microsecond=0) - SPAN + timedelta(minutes=1)
    asked = {"municipality": tx.municipality_id, "since": first, "now": tx.at, "oldest": _oldest(first)}
    rows = (await tx.session.execute(text(_TAPS), asked)).mappings().all()
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons[row["reason"]] += row["taps"]
    return Live(
        _minutes(rows, first),
        {verdict: sum(row["taps"] for row in rows if row["verdict"] == verdict) for verdict in VERDICTS},
        tuple(reasons.most_common()),
        await _busiest(tx, rows),
        await terminal_store.standings(tx),
        sum((await open_conflicts(tx)).values()),
        await tx.session.scalar(text(_PUBLISHED)),
    )


def _oldest(at: datetime) -> UUID:
    """The least identifier of a use that may have happened since `at`.

    Identifiers grow with the time at which a use is recorded, and it is recorded after it happened but for the clock of
    a terminal: by their index the newest uses are found however many there are.
    """
    return UUID(int=int((at - _CLOCKS).timestamp() * 1000) << 80)


def _minutes(rows: Sequence[RowMapping], first: datetime) -> tuple[tuple[datetime, tuple[int, int, int]], ...]:
    found: Counter[tuple[datetime, str]] = Counter()
    for row in rows:
        found[row["minute"], row["verdict"]] += row["taps"]
    each = [first + timedelta(minutes=number) for number in range(MINUTES)]
    accepted, warned, denied = VERDICTS
    return tuple((at, (found[at, accepted], found[at, warned], found[at, denied])) for at in each)


async def _busiest(tx: Transaction, rows: Sequence[RowMapping]) -> tuple[Busy, ...]:
    found: Counter[UUID] = Counter()
    for row in rows:
        found[row["place_id"]] += row["taps"]
    most = found.most_common(MOST_PLACES)
    named = await tx.session.execute(text(_NAMES), {"places": [place for place, _ in most]})
    names = {row.id: (row.provider, row.place) for row in named}
    return tuple(Busy(*names[place], taps) for place, taps in most if place in names)

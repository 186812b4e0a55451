"""Reading: terminals as they stand, how they answer and what they hold; one of them with its pairings and its past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text

from amis.kernel.db import Transaction
from amis.kernel.models import AuditEntry
from amis.staff.models import MachinePairing
from amis.validating.errors import TerminalNotRegistered

PAGE = 50
"""Terminals on one page of the list."""
SILENT_AFTER = timedelta(minutes=2)
"""A terminal reports each 30 seconds: one that was not heard of for so long is silent."""
SETTLES = timedelta(seconds=10)
"""A terminal is behind only when it misses what was published so long ago."""
STANDINGS = ("online", "behind", "silent", "never", "answered", "new", "suspended", "revoked")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which terminals: of a provider, in a standing, with a part of the label or the place's code; a page of them."""

    provider_id: UUID | None = None
    standing: str = ""
    find: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class TerminalLine:
    """A terminal: whose, where, how it stands.

    `standing` is one of STANDINGS; `held` is the sequence number of its bundle (None: none) and `missed` how many came
    after it; `skew_ms` is how far its clock is ahead, `waiting` how many taps it has not sent yet; each None while it
    has not reported.
    """

    id: UUID
    label: str
    state: str
    municipality_id: int | None
    provider_id: UUID
    provider: str
    place_id: UUID
    place_code: str
    place: str
    last_seen: datetime | None
    held: int | None
    missed: int
    skew_ms: int | None
    waiting: int | None
    software: str | None
    standing: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of terminals, and how many there are on all pages."""

    lines: list[TerminalLine]
    count: int


_SEEN = """
WITH heard AS (
    SELECT machine.id, machine.label, machine.state, machine.municipality_id, provider.id AS provider_id,
        provider.name AS provider, place.id AS place_id, place.code AS place_code, place.name AS place,
        greatest(presence.seen_at, tapped.at) AS last_seen, presence.held, newest.seq AS newest, presence.skew_ms,
        presence.waiting, presence.software, presence.terminal_id IS NOT NULL AS reports,
        coalesce(pairing.asks, false) AS asks
    FROM terminal
        JOIN machine ON machine.id = terminal.machine_id AND (CAST(:only AS uuid) IS NULL OR machine.id = :only)
        JOIN provider ON provider.id = terminal.provider_id
        JOIN place ON place.id = terminal.place_id
        LEFT JOIN terminals_last_seen(CAST(:only AS uuid)) AS tapped ON tapped.terminal_id = terminal.machine_id
        LEFT JOIN terminal_presence AS presence ON presence.terminal_id = terminal.machine_id
        LEFT JOIN (
            SELECT provider.id, latest.seq FROM provider, LATERAL (
                SELECT seq FROM bundle_version
                WHERE bundle_version.provider_id = provider.id AND bundle_version.at <= :settled
                ORDER BY seq DESC LIMIT 1
            ) AS latest
        ) AS newest ON newest.id = provider.id
        LEFT JOIN LATERAL (
            SELECT machine_pairing.jwk IS NOT NULL AND machine_pairing.approved_at IS NULL AS asks
            FROM machine_pairing WHERE machine_pairing.machine_id = machine.id ORDER BY pairing DESC LIMIT 1
        ) AS pairing ON true
), seen AS (
    SELECT heard.id, label, state, municipality_id, provider_id, provider, place_id, place_code, place, last_seen, held,
        skew_ms, waiting, software, CASE
            WHEN asks AND state IN ('new', 'active') THEN 'answered'
            WHEN state <> 'active' THEN state
            WHEN last_seen IS NULL THEN 'never'
            WHEN last_seen < :silent THEN 'silent'
            WHEN reports AND newest > coalesce(held, 0) THEN 'behind'
            ELSE 'online'
        END AS standing
    FROM heard
)
"""
# numbers are not given without gaps, so those that came after are counted
_MISSED = """(
    SELECT count(*) FROM bundle_version AS later
    WHERE later.provider_id = seen.provider_id AND later.seq > seen.held AND later.at <= :settled
) AS missed"""
_SEARCH = f"""{_SEEN}
SELECT seen.*, {_MISSED}, count(*) OVER () AS total FROM seen
WHERE (CAST(:provider AS uuid) IS NULL OR provider_id = :provider)
    AND (:standing = '' OR standing = :standing)
    AND (:find = '' OR strpos(lower(label), lower(:find)) > 0 OR strpos(lower(place_code), lower(:find)) > 0)
ORDER BY provider, label, id LIMIT :limit OFFSET :offset
"""  # noqa: S608
_ONE = f"{_SEEN} SELECT seen.*, {_MISSED} FROM seen"  # noqa: S608
_COUNTS = f"{_SEEN} SELECT standing, count(*) AS n FROM seen GROUP BY standing"  # noqa: S608


async def search(tx: Transaction, wanted: Wanted) -> Found:
    """The terminals that this municipality may see, by provider and label."""
    asked = _moments(tx) | {
        "provider": wanted.provider_id,
        "standing": wanted.standing,
        "find": wanted.find,
        "limit": PAGE,
        "offset": (wanted.page - 1) * PAGE,
    }
    rows = [dict(row) for row in (await tx.session.execute(text(_SEARCH), asked)).mappings()]
    totals = [row.pop("total") for row in rows]
    return Found([TerminalLine(**row) for row in rows], totals[0] if totals else 0)


async def get_terminal(tx: Transaction, terminal_id: UUID) -> TerminalLine:
    """One terminal.

    Raises:
        TerminalNotRegistered
    """
    row = (await tx.session.execute(text(_ONE), _moments(tx, terminal_id))).mappings().one_or_none()
    if row is None:
        raise TerminalNotRegistered
    return TerminalLine(**row)


async def standings(tx: Transaction) -> dict[str, int]:
    """How many terminals stand how; none that is at nought."""
    return {row.standing: row.n for row in await tx.session.execute(text(_COUNTS), _moments(tx))}


async def pairings(tx: Transaction, terminal_id: UUID) -> Sequence[MachinePairing]:
    """The pairings of a terminal, the newest first."""
    wanted = select(MachinePairing).where(MachinePairing.machine_id == terminal_id)
    return (await tx.session.scalars(wanted.order_by(MachinePairing.pairing.desc()).limit(PAGE))).all()


async def history(tx: Transaction, terminal_id: UUID) -> Sequence[AuditEntry]:
    """What this municipality did to a terminal, the newest first."""
    query = select(AuditEntry).where(
        AuditEntry.municipality_id == tx.municipality_id,
        AuditEntry.subject_kind.in_(("machine", "terminal")),
        AuditEntry.subject_id == str(terminal_id),
        # a token every quarter of an hour is no news
        AuditEntry.action != "machine.token",
    )
    return (await tx.session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(PAGE))).all()


def _moments(tx: Transaction, only: UUID | None = None) -> dict[str, object]:
    return {"only": only, "silent": tx.at - SILENT_AFTER, "settled": tx.at - SETTLES}

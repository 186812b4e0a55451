"""Reads for the page of notices: senders with their lag, open messages of the quarantine, arrivals of a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text

from amis.intake.errors import QuarantinedUnknown
from amis.kernel.db import Transaction

_SENDERS = """
SELECT sender.id, sender.label, sender.source, sender.state, sender.heard_at, latest.lag
FROM sender LEFT JOIN LATERAL (
    SELECT notice_arrival.received_at - notice_arrival.sent_at AS lag FROM notice_arrival
    WHERE notice_arrival.municipality_id = sender.municipality_id AND notice_arrival.sender_id = sender.id
        AND notice_arrival.verdict = 'applied' AND notice_arrival.sent_at IS NOT NULL
        AND notice_arrival.received_at > :since
    ORDER BY notice_arrival.received_at DESC, notice_arrival.id DESC LIMIT 1
) AS latest ON true
WHERE sender.municipality_id = :own
ORDER BY sender.label, sender.source
"""
_OPEN = """
SELECT held.id, sender.label AS sender, held.message_id, held.received_at, held.state,
    (SELECT count(*) FROM notice_arrival
     WHERE notice_arrival.municipality_id = held.municipality_id AND notice_arrival.received_at = held.received_at
        AND notice_arrival.sender_id = held.sender_id AND notice_arrival.message_id = held.message_id
        AND notice_arrival.error_code IS NOT NULL) AS refused
FROM quarantine AS held JOIN sender ON sender.id = held.sender_id
WHERE held.municipality_id = :own
"""
_LAG_SEEN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SenderSeen:
    """A sender: when it was last heard, and how late its newest applied notice of this week was."""

    id: UUID
    label: str
    source: str
    state: str
    heard_at: datetime | None
    lag: timedelta | None


@dataclass(frozen=True, slots=True)
class Held:
    """A message in quarantine: `state` open | replayed | dismissed; `refused` counts its events that were refused."""

    id: UUID
    sender: str
    message_id: str
    received_at: datetime
    state: str
    refused: int


async def senders_seen(tx: Transaction) -> list[SenderSeen]:
    """The senders of this municipality by name."""
    return [SenderSeen(**row) for row in await _rows(tx, _SENDERS, since=tx.at - _LAG_SEEN)]


async def open_messages(tx: Transaction, limit: int = 50) -> list[Held]:
    """Messages that wait for somebody, the oldest first."""
    statement = _OPEN + " AND held.state = 'open' ORDER BY held.received_at, held.id LIMIT :limit"
    return [Held(**row) for row in await _rows(tx, statement, limit=limit)]


async def get_message(tx: Transaction, quarantined_id: UUID) -> Held:
    """One message that is or was in quarantine.

    Raises:
        QuarantinedUnknown
    """
    found = await _rows(tx, _OPEN + " AND held.id = :id", id=quarantined_id)
    if not found:
        raise QuarantinedUnknown
    return Held(**found[0])


async def _rows(tx: Transaction, statement: str, **asked: object) -> Sequence[RowMapping]:
    return (await tx.session.execute(text(statement), {"own": tx.municipality_id} | asked)).mappings().all()

"""Reads for the pages of the quarantine: what waits, by source and reason; one of it with what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from amis.intake.errors import QuarantinedUnknown
from amis.intake.quarantine import WHOLE
from amis.kernel.db import Transaction

PAGE = 50
"""Notices on one page of the list."""
_HELD = """
SELECT held.id, held.sender_id, sender.label AS sender, held.message_id, held.content_type, held.received_at,
    held.state, held.batch_id, held.row_no, held.decided_at, held.reason, held.corrected_by, arrival.id AS arrival_id,
    arrival.event_id, arrival.type, arrival.record_id, arrival.version, arrival.verdict, arrival.error_code,
    arrival.error_pointer, corrected.verdict AS corrected_verdict
FROM quarantine AS held JOIN sender ON sender.id = held.sender_id
LEFT JOIN notice_arrival AS arrival ON arrival.id = held.arrival_id
LEFT JOIN notice_arrival AS corrected ON corrected.id = held.corrected_by
WHERE held.municipality_id = :own
"""
_WANTED = """
AND held.state = :state AND (CAST(:sender AS uuid) IS NULL OR held.sender_id = :sender)
AND (CAST(:code AS text) IS NULL OR coalesce(arrival.error_code, '') = :code)
AND (CAST(:batch AS uuid) IS NULL OR held.batch_id = :batch)
"""
_COUNT = f"SELECT count(*) FROM ({_HELD}{_WANTED}) AS wanted"  # noqa: S608
_ALIKE = """
SELECT held.sender_id, sender.label AS sender, coalesce(arrival.error_code, '') AS code, count(*) AS count
FROM quarantine AS held JOIN sender ON sender.id = held.sender_id
LEFT JOIN notice_arrival AS arrival ON arrival.id = held.arrival_id
WHERE held.municipality_id = :own AND held.state = 'open'
GROUP BY held.sender_id, sender.label, code ORDER BY count(*) DESC, sender.label, code
"""


@dataclass(frozen=True, slots=True)
class Held:
    """An event or row in quarantine and why it was refused: `state` open | replayed | dismissed.

    What is None of the event is so because the whole message could not be read.
    """

    id: UUID
    sender_id: UUID
    sender: str
    message_id: str
    content_type: str
    received_at: datetime
    state: str
    batch_id: UUID | None
    row_no: int | None
    decided_at: datetime | None
    reason: str | None
    corrected_by: UUID | None
    arrival_id: UUID | None
    event_id: str | None
    type: str | None
    record_id: str | None
    version: int | None
    verdict: str | None
    error_code: str | None
    error_pointer: str | None
    corrected_verdict: str | None

    @property
    def code(self) -> str:
        """Why it was refused, `quarantine.WHOLE` for a message that could not be read."""
        return self.error_code or WHOLE


@dataclass(frozen=True, slots=True)
class Alike:
    """How many notices of a sender wait for the same reason; `code` as in `Held`."""

    sender_id: UUID
    sender: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices a list shows: those in a state, perhaps of one sender, one reason or one file."""

    state: str = "open"
    sender_id: UUID | None = None
    code: str | None = None
    batch_id: UUID | None = None


async def held(tx: Transaction, wanted: Wanted, page: int = 1) -> tuple[Sequence[Held], int]:
    """One page of what is wanted, the oldest first (of decided ones the newest), and how many there are in all."""
    asked = {"state": wanted.state, "sender": wanted.sender_id, "code": wanted.code, "batch": wanted.batch_id}
    count = (await _rows(tx, _COUNT, asked))[0]["count"]
    order = "" if wanted.state == "open" else " DESC"
    part = f" ORDER BY held.received_at{order}, held.id{order} LIMIT {PAGE} OFFSET {PAGE * (page - 1)}"
    return [Held(**row) for row in await _rows(tx, _HELD + _WANTED + part, asked)], count


async def alike(tx: Transaction) -> list[Alike]:
    """What waits, put together by sender and reason, the most first."""
    return [Alike(**row) for row in await _rows(tx, _ALIKE, {})]


async def get(tx: Transaction, quarantined_id: UUID) -> Held:
    """One event, row or message that is or was in quarantine.

    Raises:
        QuarantinedUnknown
    """
    found = await _rows(tx, _HELD + " AND held.id = :id", {"id": quarantined_id})
    if not found:
        raise QuarantinedUnknown
    return Held(**found[0])


async def _rows(tx: Transaction, statement: str, asked: Mapping[str, object]) -> Sequence[RowMapping]:
    return (await tx.session.execute(text(statement), {"own": tx.municipality_id, **asked})).mappings().all()

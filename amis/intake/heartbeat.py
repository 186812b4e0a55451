"""A source says that it is alive and how much it still has to send; how well it is follows from when it was heard."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text

from amis.intake.canary import CANARY, turn
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from sync.notice import Heartbeat
from sync.signature import TOLERANCE
from sync.verdict import Verdict

SILENT_AFTER = 3
"""So many times the expected interval without a sign of life are no longer late but silent."""
_NEWER = """
UPDATE sender SET heartbeat_at = :at, heartbeat_seq = :sequence, pending = :pending
WHERE municipality_id = :own AND id = :sender
    AND (heartbeat_seq IS NULL OR heartbeat_seq < :sequence OR heartbeat_at < :forgotten)
RETURNING source
"""
_KNOWN = "SELECT heartbeat_seq FROM sender WHERE municipality_id = :own AND id = :sender"


class Health(StrEnum):
    """How a source is, by when something was last heard of it."""

    OK = "ok"
    LATE = "late"
    SILENT = "silent"


def health(at: datetime, expect_every: timedelta | None, heard_at: datetime | None) -> Health:
    """How a source is at `at` (aware) that was last heard at `heard_at`, by notice or heartbeat.

    Nothing is expected of a source without `expect_every`; one that was never heard of is silent otherwise.
    """
    if expect_every is None:
        return Health.OK
    if heard_at is None or at - heard_at > SILENT_AFTER * expect_every:
        return Health.SILENT
    return Health.LATE if at - heard_at > expect_every else Health.OK


async def heard(tx: Transaction, sender_id: UUID, beat: Heartbeat) -> Verdict:
    """Notes a heartbeat unless a newer one was heard; numbers that begin anew count once no late one can come."""
    values = {"own": tx.municipality_id, "sender": sender_id, "sequence": beat.sequence}
    news = values | {"at": tx.at, "pending": beat.pending, "forgotten": tx.at - TOLERANCE}
    source = await tx.session.scalar(text(_NEWER), news)
    if source is None:
        same = await tx.session.scalar(text(_KNOWN), values) == beat.sequence
        return Verdict.UNCHANGED if same else Verdict.STALE
    if source == CANARY and tx.municipality_id == STATE:
        await turn(tx, beat.sequence)
    return Verdict.APPLIED

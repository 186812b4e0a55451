"""Settling conflicts: what a terminal let happen is accepted, disputed, or taken back."""

from typing import Literal
from uuid import UUID

from sqlalchemy import text

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.validating.conflict_store import lock_conflict, waiting_for
from amis.validating.errors import AlreadyReversed, AlreadySettled, NoteMissing, NothingToReverse
from amis.validating.upload_models import ConflictRow

Outcome = Literal["accepted", "reversed"]
_TAKE_BACK = text("SELECT conflict_take_back(:conflict, :reversal, :at)")


async def dispute(tx: Transaction, conflict_id: UUID, note: str) -> None:
    """Says that somebody does not agree with the use: it stays as it is until it is settled.

    Raises:
        ConflictUnknown, AlreadySettled, NoteMissing
    """
    conflict = await _waiting(tx, conflict_id, note)
    before, conflict.state, conflict.note = conflict.state, "disputed", note.strip()
    await _told(tx, "conflict.dispute", conflict, before)


async def settle(tx: Transaction, conflict_id: UUID, outcome: Outcome, note: str) -> None:
    """Decides: the use stands as the terminal recorded it, or it is taken back whatever its age.

    Taking back writes the opposite use and returns its quota units; every other conflict about it is settled with it.

    Raises:
        ConflictUnknown, AlreadySettled, NoteMissing, NothingToReverse, AlreadyReversed: nothing was changed.
    """
    conflict = await _waiting(tx, conflict_id, note)
    settled = [conflict]
    if outcome == "reversed":
        if conflict.use_id is None:
            raise NothingToReverse
        asked = {"conflict": conflict_id, "reversal": new_id(), "at": tx.at}
        if not await tx.session.scalar(_TAKE_BACK, asked):
            raise AlreadyReversed
        settled = list(await waiting_for(tx, conflict.use_id))
    for one in settled:
        before, one.state, one.note = one.state, outcome, note.strip()
        one.settled_at, one.settled_by = tx.at, tx.actor.label
        await _told(tx, "conflict.settle", one, before)


async def _waiting(tx: Transaction, conflict_id: UUID, note: str) -> ConflictRow:
    if not note.strip():
        raise NoteMissing(pointer="/note")
    conflict = await lock_conflict(tx, conflict_id)
    if conflict.settled_at is not None:
        raise AlreadySettled
    return conflict


async def _told(tx: Transaction, action: str, conflict: ConflictRow, before: str) -> None:
    after = {"state": conflict.state, "use": None if conflict.use_id is None else str(conflict.use_id)}
    subject = ("conflict", conflict.id)
    await audit.record(tx, action, subject, before={"state": before}, after=after, reason=conflict.note)

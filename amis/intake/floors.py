"""The floor of a sender: the point of its counter at which the last snapshot was taken that it has had taken.

What is judged by a floor must still be so when it is committed. Whoever judges holds a shared lock from reading the
floor on, and raising it waits for them: otherwise an old notice could slip in behind a snapshot that does not name it.
"""

from uuid import UUID

from sqlalchemy import func, select, update

from amis.intake.models import Sender
from amis.kernel.db import Transaction


async def read_floor(tx: Transaction, sender_id: UUID) -> int | None:
    """The floor, which stays as it is until this transaction ends; None before the first snapshot."""
    await tx.session.execute(select(func.pg_advisory_xact_lock_shared(_key(sender_id))))
    # apart, so that it sees what was committed while the lock was waited for
    found: int | None = await tx.session.scalar(select(Sender.snapshot_as_of).where(Sender.id == sender_id))
    return found


async def raise_floor(tx: Transaction, sender_id: UUID, as_of: int) -> None:
    """Makes `as_of` the floor, unless it is higher already."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(_key(sender_id))))
    higher = func.greatest(Sender.snapshot_as_of, as_of)
    statement = update(Sender).where(Sender.id == sender_id).values(snapshot_as_of=higher)
    await tx.session.execute(statement.execution_options(synchronize_session=False))


def _key(sender_id: UUID) -> object:
    return func.hashtextextended(f"floor {sender_id}", 0)

"""What the worker does for the intake: who moves away on a later day has no token from that day on."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from amis.intake.moving import MOVED, leave_now
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note


async def close_moved(tx: Transaction, note: Note) -> None:
    """Ends the tokens of somebody whose day of moving has come."""
    await leave_now(tx, UUID(note.payload["person_id"]))


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {MOVED: close_moved}

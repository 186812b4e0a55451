"""What the worker does for granting: somebody new may have rights that need no fact."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from amis.granting.service import Cause, regrant
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note


async def grant_to_the_enrolled(tx: Transaction, note: Note) -> None:
    """Evaluates all rules for a person whom a clerk has entered."""
    await regrant(tx, UUID(note.payload["person_id"]), Cause("enrolment", note.payload["person_id"]))


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {"person.enrolled": grant_to_the_enrolled}

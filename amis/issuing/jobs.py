"""What the worker does after entitlements changed: tokens that promise more than is granted say so offline."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from amis.granting.jobs import HANDLERS as OF_GRANTING
from amis.granting.service import CHANGED
from amis.issuing.service import compare_rights
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note


async def compare_signed_rights(tx: Transaction, note: Note) -> None:
    """Looks at a person's tokens once more; a gained right needs nothing, it is granted online at once."""
    if note.payload["lost"]:
        await compare_rights(tx, UUID(note.payload["person_id"]))


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {
    **OF_GRANTING,
    CHANGED: compare_signed_rights,
}
"""Who does what by outbox topic, for this room and those below it."""

"""What the worker does about lists: the rest of one that is too long for one transaction."""

from collections.abc import Awaitable, Callable

from amis.granting.listing import LISTED, apply_listed
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note


async def go_on(tx: Transaction, note: Note) -> None:
    """Puts the persons of one part of a list on the group, or takes them off it."""
    await apply_listed(tx, note.payload)


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {LISTED: go_on}

"""What the worker does about suspension orders: persons of every municipality follow an order of the state."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import select

from amis.granting.suspension import STATE_ORDER, follow_order
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import STATE, Municipality
from amis.kernel.outbox import Note


async def follow_everywhere(tx: Transaction, note: Note) -> None:
    """Brings the rights in each municipality in line, each in a transaction of its own; doing it twice does nothing."""
    query = select(Municipality.id).where(Municipality.id != STATE).order_by(Municipality.id)
    for municipality_id in (await tx.session.scalars(query)).all():
        async with transaction(system("worker", municipality_id)) as there:
            await follow_order(there, UUID(note.payload["order_id"]))


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {STATE_ORDER: follow_everywhere}

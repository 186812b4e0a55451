"""Whether a desk is there: what its newest connection reports, kept where every web process can read it."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from amis.issuing import print_queue
from amis.issuing.card_models import CardOperation
from amis.issuing.desk_models import DeskPresence
from amis.issuing.desk_store import get_desk
from amis.kernel.db import Transaction


async def attach(tx: Transaction, desk_id: UUID, connection: UUID) -> None:
    """Makes `connection` the one that serves the desk; any earlier one ends itself.

    Raises:
        DeskUnknown
    """
    await get_desk(tx, desk_id)
    told = {"connection": connection, "seen_at": tx.at, "closed_at": None}
    told |= {"agent": "", "readers": [], "reader": "", "card_uid": None, "card_present": False}
    made = insert(DeskPresence).values(desk_id=desk_id, municipality_id=tx.municipality_id, **told)
    await tx.session.execute(made.on_conflict_do_update(index_elements=["desk_id"], set_=told))


async def report(tx: Transaction, desk_id: UUID, connection: UUID, **told: object) -> None:
    """Keeps what the connection tells of agent, readers and card, and that it lives."""
    mine = (DeskPresence.desk_id == desk_id) & (DeskPresence.connection == connection)
    await tx.session.execute(update(DeskPresence).where(mine).values(seen_at=tx.at, **told))


async def detach(tx: Transaction, desk_id: UUID, connection: UUID) -> None:
    """Notes that the connection is over; what it was at work on waits for the next one."""
    mine = (DeskPresence.desk_id == desk_id) & (DeskPresence.connection == connection)
    gone = {"closed_at": tx.at, "readers": [], "card_present": False}
    closed = await tx.session.execute(update(DeskPresence).where(mine).values(gone).returning(DeskPresence.desk_id))
    if closed.one_or_none() is not None:
        await print_queue.desk_left(tx, desk_id)
        running = (CardOperation.desk_id == desk_id) & (CardOperation.state == "running")
        await tx.session.execute(update(CardOperation).where(running).values(state="waiting", message="desk_gone"))

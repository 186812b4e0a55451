"""What the worker does: tokens that promise more than is granted say so offline; cards that never came end."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy import select

from amis.granting.jobs import HANDLERS as OF_GRANTING
from amis.granting.service import CHANGED, CHANGED_MANY
from amis.issuing import campaigns, store
from amis.issuing.service import compare_rights, not_received
from amis.kernel import outbox
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import Municipality
from amis.kernel.outbox import Note
from amis.kernel.ticker import Job

AT_ONCE = 500
"""Persons whose tokens are looked at in one transaction."""
_LOOKING = system("worker")


async def compare_signed_rights(tx: Transaction, note: Note) -> None:
    """Looks at a person's tokens once more; a gained right needs nothing, it is granted online at once."""
    if note.payload["lost"]:
        await compare_rights(tx, UUID(note.payload["person_id"]))


async def compare_many_signed_rights(tx: Transaction, note: Note) -> None:
    """Looks at the tokens of all who lost by one run over the register, so many at a time; a further note goes on."""
    after = UUID(note.payload["after"]) if "after" in note.payload else None
    about = UUID(note.payload["rule_id"]), note.payload["cause_ref"], UUID(note.payload["log_from"])
    persons = await store.losers_with_tokens(tx, *about, after, AT_ONCE)
    for person_id in persons:
        await compare_rights(tx, person_id)
    if len(persons) == AT_ONCE:
        await outbox.publish(tx, CHANGED_MANY, note.key, note.payload | {"after": str(persons[-1])})


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {
    **OF_GRANTING,
    CHANGED: compare_signed_rights,
    CHANGED_MANY: compare_many_signed_rights,
    campaigns.RUN: campaigns.run_campaign,
}
"""Who does what by outbox topic, for this room and those below it."""


async def end_overdue(_connection: AsyncConnection | None = None) -> None:
    """Ends posted cards that never came and cards that a campaign kept long enough, in every municipality."""
    async with transaction(_LOOKING) as tx:
        municipalities = list(await tx.session.scalars(select(Municipality.id).order_by(Municipality.id)))
    for municipality_id in municipalities:
        async with transaction(system("worker", municipality_id)) as tx:
            await not_received(tx)
            await campaigns.end_overdue(tx)


JOBS = [Job("issuing.overdue", timedelta(hours=6), end_overdue)]
"""Periodic work of the room."""

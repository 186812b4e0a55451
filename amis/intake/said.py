"""A record that says something of a person as such: it stands, in place of what it said before, or is taken back."""

from uuid import UUID

from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register.errors import FactOfAnother
from amis.register.service import Said


async def take(tx: Transaction, person_id: UUID, said: Said, *, stands: bool) -> None:
    """Keeps or takes back what a record says of a locked person.

    Raises:
        FactOfAnother: it is about somebody else, or about something else.
    """
    if stands:
        await register.state(tx, person_id, said)
        return
    before = await register.statement(tx, said.source, said.record_id)
    if before is not None and before.person_id != person_id:
        raise FactOfAnother
    await register.unsay(tx, said.source, said.record_id)

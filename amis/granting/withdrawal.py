"""Taking back a fact that was entered by hand."""

from uuid import UUID

from sqlalchemy import select

from amis.granting.errors import FactNotByHand
from amis.granting.fact_form import SOURCE
from amis.granting.regranting import Cause, Regranted, record_and_regrant
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.register.change import FactChange
from amis.register.models import Fact


async def withdraw_by_hand(tx: Transaction, person_id: UUID, fact_id: UUID, reason: str) -> Regranted:
    """Takes back a fact that a clerk entered, with what rested on it.

    Raises:
        FactNotByHand: the fact is not this person's, comes from a source, or is no longer believed.
    """
    fact = await tx.session.scalar(
        select(Fact).where(Fact.municipality_id == tx.municipality_id, Fact.id == fact_id, Fact.person_id == person_id)
    )
    if fact is None or fact.source != SOURCE or fact.recorded_to is not None:
        raise FactNotByHand
    change = FactChange(
        fact.kind,
        fact.value,
        fact.valid_from,
        fact.valid_to,
        fact.source,
        fact.record_id,
        fact.version + 1,
        "withdraw",
    )
    # a withdrawal leaves no new row of the fact that could keep the reason
    await audit.record(tx, "fact.withdraw_by_hand", ("person", person_id), after={"fact": str(fact_id)}, reason=reason)
    return await record_and_regrant(tx, person_id, [change], Cause("clerk", fact.record_id))

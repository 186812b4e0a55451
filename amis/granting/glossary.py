"""What everything that a condition can name is called here: groups, kinds of facts, calendars."""

from collections.abc import Sequence

from sqlalchemy import select

from amis.granting.words import Named
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register.models import Calendar, FactKindRow, PersonGroup


async def glossary(tx: Transaction) -> Sequence[Named]:
    """Groups, then kinds of facts and calendars of the state and of the municipality, with their names."""
    here = STATE, tx.municipality_id
    kinds = await tx.session.scalars(select(FactKindRow).where(FactKindRow.municipality_id.in_(here)))
    days = await tx.session.scalars(select(Calendar).where(Calendar.municipality_id.in_(here)))
    groups = await tx.session.scalars(select(PersonGroup).where(PersonGroup.municipality_id == tx.municipality_id))
    return [*groups, *kinds, *days]

"""Relations of somebody who turned out to be another person, or two persons after all."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register.carrying import Carriage
from amis.register.models import Relation

_EVEN = "spouse"
"""The kind that says the same of both; its row names the lesser id first."""


async def carry_relations(tx: Transaction, carriage: Carriage) -> list[str]:
    """Makes relations the other person's, whichever end they are; the ids of the rows."""
    touching = or_(Relation.person_id == carriage.before, Relation.other_id == carriage.before)
    among_them = or_(Relation.person_id == carriage.after, Relation.other_id == carriage.after)
    rows = [row for row in await _rows(tx, touching, ~among_them) if _goes(row, carriage)]
    for row in rows:
        ends = [carriage.after if each == carriage.before else each for each in (row.person_id, row.other_id)]
        row.person_id, row.other_id = sorted(ends) if row.kind == _EVEN else ends
    await tx.session.flush()
    return [str(row.id) for row in rows]


def _goes(row: Relation, carriage: Carriage) -> bool:
    return carriage.only is None or str(row.id) in carriage.only.get("relation", ())


async def close_between(tx: Transaction, carriage: Carriage) -> list[str]:
    """Nobody is a relative of themselves: relations of the two are closed, and stay with the ids that they had."""
    both = (carriage.before, carriage.after)
    rows = await _rows(tx, Relation.person_id.in_(both), Relation.other_id.in_(both), Relation.recorded_to.is_(None))
    for row in rows:
        row.recorded_to = max(tx.at, row.recorded_from)
    await tx.session.flush()
    return [str(row.id) for row in rows]


async def open_between(tx: Transaction, ids: Collection[str]) -> None:
    """Believes closed relations of the two again."""
    for row in await _rows(tx, Relation.id.in_([UUID(each) for each in ids])):
        tx.session.add(
            Relation(
                id=new_id(),
                municipality_id=tx.municipality_id,
                person_id=row.person_id,
                kind=row.kind,
                other_id=row.other_id,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                recorded_from=tx.at,
                source=row.source,
                reason=row.reason,
            )
        )
    await tx.session.flush()


async def _rows(tx: Transaction, *which: ColumnElement[bool]) -> list[Relation]:
    query = select(Relation).where(Relation.municipality_id == tx.municipality_id, *which)
    return list(await tx.session.scalars(query.order_by(Relation.id).execution_options(populate_existing=True)))

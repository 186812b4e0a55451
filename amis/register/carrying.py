"""Rows that follow a person who turned out to be another one; the tables of each room are its own to carry."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from amis.kernel.db import Transaction


@dataclass(frozen=True, slots=True)
class Carriage:
    """From whom to whom; `only` are the ids of rows by table and column, None = whatever there is."""

    before: UUID
    after: UUID
    only: dict[str, list[Any]] | None = None


async def carry(tx: Transaction, carriage: Carriage, name: str, column: InstrumentedAttribute[Any]) -> list[str]:
    """Makes rows the other person's; their ids. `column` names the person, `name` is what `only` calls the rows."""
    table: Any = column.class_
    statement = update(table).where(table.municipality_id == tx.municipality_id, column == carriage.before)
    if carriage.only is not None:
        statement = statement.where(table.id.in_([UUID(each) for each in carriage.only.get(name, ())]))
    moved = statement.values({column.key: carriage.after}).returning(table.id)
    return [str(each) for each in await tx.session.scalars(moved.execution_options(synchronize_session=False))]


def joined(parts: Collection[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    """What several carriages took along, by name."""
    names = sorted({name for part in parts for name in part})
    return {name: [each for part in parts for each in part.get(name, ())] for name in names}

"""Named calendars, to be taken over into terms.

They belong to the register, which lies above this room, so they are read from the database alone. Terms keep the days
and not the name: a revision that priced a use never changes, even when a new school year is added to the calendar.
"""

from dataclasses import dataclass

from sqlalchemy import column, select, table

from amis.kernel.days import DayRanges
from amis.kernel.db import Transaction
from rules.period import Days

_CALENDAR = table(
    "calendar",
    column("code"),
    column("name_lv"),
    column("name_en"),
    column("days", DayRanges),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A calendar by its code."""

    code: str
    name_lv: str
    name_en: str
    days: Days


async def named(tx: Transaction) -> list[Named]:
    """The calendars of the acting municipality and the state, by code."""
    columns = _CALENDAR.c
    found = await tx.session.execute(
        select(columns.code, columns.name_lv, columns.name_en, columns.days).order_by(columns.code)
    )
    return [Named(*row) for row in found]

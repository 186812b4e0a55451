"""What laws set: figures by day in force or by birth date, and calendars. The state's hold for every municipality."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Select, delete, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.models import STATE
from amis.register import store
from amis.register.errors import CalendarMalformed, FigureMalformed, SetByTheState
from amis.register.models import Calendar, Figure
from rules.period import Days, Period

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
Kind = Literal["parameter", "cohort"]


@dataclass(frozen=True, slots=True)
class Step:
    """A figure (four decimals; an age in years) for the days, or birth dates, of a period, and the law that sets it."""

    period: Period
    figure: Decimal
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDraft:
    """A calendar to keep: a lower-case code, its names and its days."""

    code: str
    name_lv: str
    name_en: str
    days: Days


async def define_figure(tx: Transaction, kind: Kind, code: str, step: Step) -> bool:
    """Sets a figure for a period; what was set for those days before gives way. Whether that changed anything.

    Raises:
        FigureMalformed, SetByTheState
    """
    return await define_figures(tx, kind, code, laid(await figures(tx, kind, code), step))


async def define_figures(tx: Transaction, kind: Kind, code: str, steps: Sequence[Step]) -> bool:
    """Sets the whole table of a parameter or cohort; whether that changed anything.

    Raises:
        FigureMalformed: no code, no step, or steps that overlap.
        SetByTheState
    """
    _check(code, steps)
    await _leave_to_the_state(tx, select(Figure.id).where(Figure.kind == kind, Figure.code == code), Figure)
    before, after = await figures(tx, kind, code), sorted(steps, key=_start)
    if before == after:
        return False
    own = Figure.municipality_id == tx.municipality_id
    await tx.session.execute(delete(Figure).where(own, Figure.kind == kind, Figure.code == code))
    tx.session.add_all(_row(tx, kind, code, step) for step in after)
    await tx.session.flush()
    store.forget_vocabulary(tx)
    shown = [{"steps": [_shown(step) for step in steps]} for steps in (before, after)]
    await audit.record(tx, "figure.define", (kind, code), before=shown[0], after=shown[1])
    return True


async def figures(tx: Transaction, kind: Kind, code: str) -> list[Step]:
    """The steps that the acting municipality set, in order."""
    rows = await tx.session.scalars(
        select(Figure)
        .where(Figure.municipality_id == tx.municipality_id, Figure.kind == kind, Figure.code == code)
        .order_by(Figure.valid_from.asc().nulls_first())
    )
    return [Step(Period(row.valid_from, row.valid_to), row.figure, row.legal_basis) for row in rows]


def laid(steps: Iterable[Step], new: Step) -> list[Step]:
    """The steps with a new one laid over them."""
    return sorted([*_left(steps, Days.of(new.period)), new], key=_start)


def _left(steps: Iterable[Step], covered: Days) -> Iterator[Step]:
    for step in steps:
        yield from (Step(period, step.figure, step.legal_basis) for period in Days.of(step.period) - covered)


def _start(step: Step) -> date:
    return step.period.start or date.min


def _check(code: str, steps: Sequence[Step]) -> None:
    known = Days()
    if not _CODE.fullmatch(code) or not steps:
        raise FigureMalformed(code, pointer="/code")
    for step in steps:
        days = Days.of(step.period)
        if known & days:
            raise FigureMalformed(str(step.period), pointer="/valid_from")
        known |= days


async def _leave_to_the_state(tx: Transaction, known: Select[Any], table: type[Figure] | type[Calendar]) -> None:
    """A rule of the state means the state's own figure in every municipality."""
    if tx.municipality_id != STATE and await tx.session.scalar(known.where(table.municipality_id == STATE)) is not None:
        raise SetByTheState(pointer="/code")


def _row(tx: Transaction, kind: Kind, code: str, step: Step) -> Figure:
    return Figure(
        id=new_id(),
        municipality_id=tx.municipality_id,
        kind=kind,
        code=code,
        valid_from=step.period.start,
        valid_to=step.period.end,
        figure=step.figure,
        legal_basis=step.legal_basis,
    )


def _shown(step: Step) -> dict[str, Any]:
    return {"period": str(step.period), "figure": str(step.figure), "legal_basis": step.legal_basis}


async def define_calendar(tx: Transaction, draft: CalendarDraft) -> bool:
    """Sets the days of a named calendar; whether that changed anything.

    Raises:
        CalendarMalformed, SetByTheState
    """
    if not _CODE.fullmatch(draft.code) or not draft.days or not (draft.name_lv and draft.name_en):
        raise CalendarMalformed(draft.code, pointer="/code")
    await _leave_to_the_state(tx, select(Calendar.code).where(Calendar.code == draft.code), Calendar)
    row = await tx.session.get(Calendar, (tx.municipality_id, draft.code))
    before = None if row is None else {"name_lv": row.name_lv, "name_en": row.name_en, "days": str(row.days)}
    after = {"name_lv": draft.name_lv, "name_en": draft.name_en, "days": str(draft.days)}
    if before == after:
        return False
    if row is None:
        row = Calendar(municipality_id=tx.municipality_id, code=draft.code)
        tx.session.add(row)
    row.name_lv, row.name_en, row.days = draft.name_lv, draft.name_en, draft.days
    await tx.session.flush()
    store.forget_vocabulary(tx)
    await audit.record(tx, "calendar.define", ("calendar", draft.code), before=before, after=after)
    return True

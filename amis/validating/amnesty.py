"""Amnesties: days on which a municipality still takes its blocked and ended tokens, with a warning."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.validating.errors import AmnestyOver, AmnestyUnknown, AmnestyWithoutDays, NoteMissing
from amis.validating.upload_models import Amnesty

LONGEST = timedelta(days=92)
"""An amnesty is for a change of cards, not for good."""


async def declare_amnesty(tx: Transaction, from_day: date, until_day: date, note: str) -> Amnesty:
    """Takes blocked and ended tokens of the acting municipality from `from_day` up to, not including, `until_day`.

    It counts from the next tap on, and on terminals from their next bundle on.

    Raises:
        NoteMissing: nobody could tell later why.
        AmnestyWithoutDays: it has no day from today on, or more than `LONGEST`.
    """
    if not note.strip():
        raise NoteMissing(pointer="/note")
    if until_day <= max(from_day, tx.day) or until_day - from_day > LONGEST:
        raise AmnestyWithoutDays(pointer="/until_day")
    amnesty = Amnesty(
        id=new_id(),
        municipality_id=tx.municipality_id,
        from_day=from_day,
        until_day=until_day,
        note=note.strip(),
        made_by=tx.actor.label,
        made_at=tx.at,
    )
    tx.session.add(amnesty)
    after = {"from": from_day.isoformat(), "until": until_day.isoformat()}
    await audit.record(tx, "amnesty.declare", ("amnesty", amnesty.id), after=after, reason=amnesty.note)
    return amnesty


async def end_amnesty(tx: Transaction, amnesty_id: UUID) -> None:
    """Ends an amnesty: today is no day of it any more, and one that has not begun never will.

    Raises:
        AmnestyUnknown, AmnestyOver
    """
    found = select(Amnesty).where(Amnesty.id == amnesty_id, Amnesty.municipality_id == tx.municipality_id)
    amnesty = (await tx.session.scalars(found.with_for_update())).one_or_none()
    if amnesty is None:
        raise AmnestyUnknown
    if amnesty.until_day <= tx.day:
        raise AmnestyOver
    before, amnesty.until_day = amnesty.until_day, max(amnesty.from_day, tx.day)
    after = {"until": amnesty.until_day.isoformat()}
    await audit.record(tx, "amnesty.end", ("amnesty", amnesty_id), before={"until": before.isoformat()}, after=after)


async def amnesties(tx: Transaction) -> Sequence[Amnesty]:
    """The amnesties of the acting municipality, newest first."""
    found = select(Amnesty).where(Amnesty.municipality_id == tx.municipality_id)
    return (await tx.session.scalars(found.order_by(Amnesty.from_day.desc(), Amnesty.id.desc()))).all()

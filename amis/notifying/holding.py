"""News that follows from a change for everybody waits until somebody decides whether it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.notifying.errors import NothingHeld
from amis.notifying.models import News

AT_ONCE = 10_000
"""Rows that one statement decides: it must not take longer than a statement may."""


@dataclass(frozen=True, slots=True)
class Held:
    """What waits because of one change: its kind and name, how many persons it is about, since when."""

    cause: str
    cause_ref: str
    persons: int
    since: datetime


async def held(tx: Transaction) -> Sequence[Held]:
    """What waits for a decision, the oldest first."""
    rows = await tx.session.execute(
        select(News.cause, News.cause_ref, func.count(News.person_id.distinct()), func.min(News.noted_at))
        .where(News.municipality_id == tx.municipality_id, News.held, News.settled_at.is_(None))
        .group_by(News.cause, News.cause_ref)
        .order_by(func.min(News.noted_at), News.cause, News.cause_ref)
    )
    return [Held(*row) for row in rows]


async def decide(tx: Transaction, cause: str, cause_ref: str, *, told: bool) -> int:
    """Lets the news of one change be told, or be left untold for ever; how many there were.

    Raises:
        NothingHeld
    """
    values = {"held": False} if told else {"settled_at": tx.at}
    of_change = (
        News.municipality_id == tx.municipality_id,
        News.held,
        News.settled_at.is_(None),
        News.cause == cause,
        News.cause_ref == cause_ref,
    )
    count = 0
    while slice_ := list(await tx.session.scalars(select(News.id).where(*of_change).limit(AT_ONCE))):
        await tx.session.execute(update(News).where(News.id.in_(slice_)).values(**values))
        count += len(slice_)
    if not count:
        raise NothingHeld
    after = {"cause": cause, "cause_ref": cause_ref, "told": told, "news": count}
    await audit.record(tx, "holder_news.decide", ("municipality", tx.municipality_id), after=after)
    return count

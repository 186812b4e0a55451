"""Why something was taken away, as a code for which `texts` has a sentence: never the name of a status."""

from collections.abc import Mapping

from sqlalchemy import or_, select

from amis.intake.residence import KIND as RESIDENCE
from amis.kernel.db import Transaction
from amis.notifying.models import News
from amis.register.models import Fact

FOR_EVERYBODY = frozenset({"rule", "terms", "suspension", "ranks"})
"""Causes that change rights of many at once: what follows is told only when somebody has decided so."""
_BY_CAUSE: Mapping[str, str] = {
    "clerk": "office",
    "list": "list",
    "application": "application",
    **dict.fromkeys(FOR_EVERYBODY, "rules"),
    "ranks": "changed",
}
BLOCKED: Mapping[str, str] = {
    "lost": "lost",
    "stolen": "lost",
    "misuse": "misuse",
    "office": "office",
    "holder_request": "holder_request",
}
"""By the reason of a block."""


async def why_lost(tx: Transaction, news: News) -> str:
    """The code of what took days of a concession away."""
    if news.cause in _BY_CAUSE:
        return _BY_CAUSE[news.cause]
    return await _by_facts(tx, news)


async def _by_facts(tx: Transaction, news: News) -> str:
    """What the transaction that took the days away did to the person's own facts; if nothing, it was a relative's."""
    query = select(Fact).where(
        Fact.municipality_id == tx.municipality_id,
        Fact.person_id == news.person_id,
        or_(Fact.recorded_from == news.happened_at, Fact.recorded_to == news.happened_at),
    )
    touched = list(await tx.session.scalars(query))
    if not touched:
        return "relative"
    if any(fact.kind == RESIDENCE for fact in touched):
        return "moved"
    stated = {(fact.source, fact.record_id) for fact in touched if fact.recorded_to is None}
    withdrawn = [fact for fact in touched if (fact.source, fact.record_id) not in stated]
    return "withdrawn" if withdrawn else "changed"

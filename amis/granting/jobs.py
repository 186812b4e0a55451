"""What the worker does for granting: those follow who could not in the transaction that changed something."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import select

from amis.granting.everywhere import EVERYWHERE, follow_everywhere
from amis.granting.models import GrantRule
from amis.granting.publishing import follow_by_rule
from amis.granting.regranting import RELATIVE
from amis.granting.service import Cause, regrant
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note
from amis.register.store import standing_for

TERMS = "concession.terms"
"""The outbox topic of a new revision of a concession's terms."""


async def grant_to_the_enrolled(tx: Transaction, note: Note) -> None:
    """Evaluates all rules for a person whom a clerk has entered."""
    await regrant(tx, await _person(tx, note), Cause("enrolment", note.payload["person_id"]))


async def regrant_relative(tx: Transaction, note: Note) -> None:
    """Evaluates all rules for somebody who was busy when a relative's facts changed."""
    await regrant(tx, await _person(tx, note), _cause(note))


async def regrant_by_terms(tx: Transaction, note: Note) -> None:
    """Writes anew how the rights of everybody may be used, as the terms of their concession have changed."""
    query = select(GrantRule).where(
        GrantRule.municipality_id == tx.municipality_id,
        GrantRule.concession_id == UUID(note.payload["concession_id"]),
        GrantRule.state == "active",
    )
    rule = await tx.session.scalar(query)
    if rule is not None:
        await follow_by_rule(tx, rule, Cause("terms", rule.code))


async def regrant_everywhere(tx: Transaction, note: Note) -> None:
    """Follows in every municipality what the state has changed."""
    rules = [UUID(rule_id) for rule_id in note.payload["rules"]]
    await follow_everywhere(tx, _cause(note), only=rules, kinds=note.payload["kinds"])


async def _person(tx: Transaction, note: Note) -> UUID:
    # whoever turned out to be somebody else meanwhile
    return await standing_for(tx, UUID(note.payload["person_id"]))


def _cause(note: Note) -> Cause:
    return Cause(note.payload["cause"], note.payload["cause_ref"])


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {
    "person.enrolled": grant_to_the_enrolled,
    RELATIVE: regrant_relative,
    TERMS: regrant_by_terms,
    EVERYWHERE: regrant_everywhere,
}

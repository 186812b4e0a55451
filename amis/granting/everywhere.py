"""What the state sets holds in every municipality: each one's persons follow in a transaction of their own."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from amis.granting.reading import read_anew, rules_concerned, rules_reading
from amis.granting.regranting import Cause
from amis.granting.wholesale import regrant_everybody
from amis.kernel import outbox
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import STATE, Municipality
from amis.register.models import Person

EVERYWHERE = "rules.everywhere"
"""The outbox topic of a change by the state that every municipality follows; the payload names rules or what they read.
"""


async def tell_everywhere(
    tx: Transaction, key: str, cause: Cause, *, only: Collection[UUID] = (), kinds: Collection[str] = ()
) -> None:
    """Asks the worker to regrant the persons of every municipality by these rules, or by those that read `kinds`."""
    payload = {"rules": [str(rule_id) for rule_id in only], "kinds": sorted(kinds)}
    await outbox.publish(tx, EVERYWHERE, key, payload | {"cause": cause.kind, "cause_ref": cause.ref})


async def follow_everywhere(
    tx: Transaction, cause: Cause, *, only: Collection[UUID] = (), kinds: Collection[str] = ()
) -> int:
    """Regrants municipality by municipality; how many rights changed. Safe to repeat: what is done stays done."""
    towns = await tx.session.scalars(select(Municipality.id).where(Municipality.id != STATE).order_by(Municipality.id))
    changed = 0
    for town in towns.all():
        async with transaction(system(tx.actor.id, town)) as own:
            changed += await _follow(own, cause, only, kinds)
    return changed


async def _follow(tx: Transaction, cause: Cause, only: Collection[UUID], kinds: Collection[str]) -> int:
    anybody = select(Person.id).where(Person.municipality_id == tx.municipality_id)
    if not await tx.session.scalar(select(anybody.exists())):
        return 0
    wanted = {*only, *(await rules_concerned(tx, kinds) if kinds else ())}
    return await regrant_everybody(tx, cause, only=wanted) if wanted else 0


async def follow_change(tx: Transaction, kinds: Collection[str], cause: Cause) -> int:
    """Regrants everybody by the rules that depend on what has changed here; how many rights changed.

    What the state changes is followed everywhere when the worker gets to it.
    """
    if tx.municipality_id == STATE:
        await tell_everywhere(tx, cause.ref, cause, kinds=kinds)
    await read_anew(tx, await rules_reading(tx, kinds))
    rules = await rules_concerned(tx, kinds)
    return await regrant_everybody(tx, cause, only=rules) if rules else 0

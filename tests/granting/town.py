"""The town of these tests: actors, persons, and short ways to state facts about them."""

import random
from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID

from amis.concessions import seed_lv as concessions_seed
from amis.concessions.seed_lv import JELGAVA
from amis.granting import seed_lv, service, store
from amis.granting.service import Cause, Regranted
from amis.kernel.actor import Actor, system
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import STATE
from amis.register import service as register
from amis.register.service import FactChange, PersonDraft
from rules.period import Days
from sync.personal_code import draw_newer

PERMISSIONS = frozenset({"fact.write", "person.read", "rule.read"})
CLERK = Actor("staff", "clerk-1", "Clerk", JELGAVA, "Jelgava", PERMISSIONS)
STATE_ACTOR = system("test", STATE)
JELGAVA_ACTOR = system("test", JELGAVA)
NOTICE = Cause("notice", "sopa evt-1")
SEVEN = frozenset(
    {"LV-DIS-1-2", "LV-DIS-CHILD", "LV-ORPHAN", "LV-REPRESSED", "JLG-NEEDY20", "JLG-ORPHAN5", "JLG-REPR20"}
)
"""The concessions in force in the town of these tests."""
_records = count(1)
_codes = random.Random(7)


async def seed_rules() -> int:
    """Seven concessions and rules of the state, then of the town; how many rules were new."""
    new = 0
    for actor in (STATE_ACTOR, JELGAVA_ACTOR):
        async with transaction(actor) as tx:
            await concessions_seed.seed(tx, SEVEN)
            new += await seed_lv.seed(tx, SEVEN)
    return new


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the town and short ways to state facts about them."""

    id: UUID
    clerk: Actor

    async def state(self, *changes: FactChange, cause: Cause = NOTICE) -> Regranted:
        """Records facts in a transaction of its own."""
        async with transaction(self.clerk) as tx:
            return await service.record_and_regrant(tx, self.id, changes, cause)

    async def granted(self) -> dict[str, Days]:
        """Days by code of the rule."""
        async with transaction(self.clerk) as tx:
            return await granted(tx, self.id)


async def granted(tx: Transaction, person_id: UUID) -> dict[str, Days]:
    """What a person is granted, by code of the rule."""
    return {one.rule.code: one.periods for one in await store.entitlements_of(tx, person_id)}


async def somebody_of(clerk: Actor, born: date | None = None) -> Somebody:
    """A new person."""
    async with transaction(clerk) as tx:
        return Somebody(await register.enrol(tx, PersonDraft(draw_newer(_codes), born=born)), clerk)


def fact(
    kind: str, value: str = "yes", first: str = "2026-03-01", end: str | None = "2026-06-01", **more: object
) -> FactChange:
    """A statement of the social system about the days `[first, end)`, by default of a new record."""
    given: dict[str, object] = {"source": "sopa", "record_id": f"r-{next(_records)}", "version": 1} | more
    last = None if end is None else date.fromisoformat(end)
    return FactChange(kind, value, date.fromisoformat(first), last, **given)  # type: ignore[arg-type]  # keyed by name


def days(text: str) -> Days:
    """A set of days from its text."""
    return Days.parse(text)

"""What the worker does for granting."""

from collections.abc import Awaitable, Callable
from datetime import date

from amis.granting import service
from amis.granting.jobs import HANDLERS
from amis.kernel.db import transaction
from amis.kernel.outbox import Note
from tests.granting.town import CLERK, JELGAVA_ACTOR, Somebody, days

Make = Callable[..., Awaitable[Somebody]]


async def test_somebody_entered_by_hand_gets_what_needs_no_fact(somebody: Make) -> None:
    rule = service.RuleDraft("JLG-REPR20", "JLG-REPR20", {"age": {"op": "ge", "years": 65}}, "§ 1", date(2021, 1, 1))
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.publish_rule(tx, rule)
    anna = await somebody(date(1955, 5, 17))
    note = Note(1, JELGAVA_ACTOR.municipality_id or 0, "person.enrolled", str(anna.id), {"person_id": str(anna.id)}, 1)
    async with transaction(CLERK) as tx:
        await HANDLERS[note.topic](tx, note)
    assert await anna.granted() == {"JLG-REPR20": days("{[2021-01-01,)}")}

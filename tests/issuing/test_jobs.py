import random
from datetime import date
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from amis.granting import service
from amis.granting.service import CHANGED, CHANGED_MANY, RuleDraft
from amis.issuing import jobs
from amis.issuing.jobs import HANDLERS
from amis.kernel import outbox
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from sync.personal_code import draw_newer
from tests.issuing.town import entitled, issued, state, token


async def deliver(worker: AsyncConnection, *, twice: bool = False) -> list[str]:
    """Does what the outbox asks for, as the worker does; the topics in their order."""
    topics = []
    while notes := await outbox.claim(worker):
        for note in notes:
            for _ in range(1 + twice):
                async with transaction(system("worker", note.municipality_id)) as tx:
                    await HANDLERS[note.topic](tx, note)
            await outbox.finish(worker, [note])
            topics.append(note.topic)
    return topics


async def status_after(worker: AsyncConnection, person: UUID, made: UUID, end: str | None, version: int) -> int:
    """The token's status after the needy status was stated to end on `end`."""
    await state(person, "needy", "yes", "2026-01-01", end, version)
    await deliver(worker, twice=True)
    return (await token(made)).status


async def test_a_lost_right_is_shown_in_the_status_and_a_gained_one_is_not(
    town: Actor, worker_connection: AsyncConnection
) -> None:
    person = await entitled()
    made = await issued(person)
    assert set(await deliver(worker_connection)) == {CHANGED}
    assert (await token(made.id)).status == 0
    assert await status_after(worker_connection, person, made.id, "2026-12-15", 2) == 0
    assert await status_after(worker_connection, person, made.id, "2026-05-01", 3) == 3


def test_enrolled_persons_are_still_looked_at_by_granting() -> None:
    assert "person.enrolled" in HANDLERS


async def test_tokens_of_all_who_lose_by_a_new_rule_say_so_batch_by_batch(
    town: Actor, worker_connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    codes = random.Random(7)
    made = [await issued(await entitled(draw_newer(codes))) for _ in range(3)]
    await deliver(worker_connection)
    narrower = RuleDraft("JLG-NEEDY20", "JLG-NEEDY20", {"has": {"fact": "orphan"}}, "clause", date(2021, 1, 1))
    async with transaction(system("test", town.municipality_id)) as tx:
        await service.publish_rule(tx, narrower)
    topics = await deliver(worker_connection, twice=True)
    assert set(topics) == {CHANGED_MANY}
    assert len(topics) >= len(made)
    assert {(await token(one.id)).status for one in made} == {3}

"""A right that begins or ends is told to terminals for the card that carries no word of it."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from psycopg import AsyncConnection

from amis.granting.service import CHANGED, CHANGED_MANY
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.outbox import Note
from amis.validating.jobs import HANDLERS
from tests.validating.carried import Carried, Press
from tests.validating.conftest import FREE
from tests.validating.town import JELGAVA, Card, Town

_numbers: Iterator[int] = count(1)


@pytest.fixture
async def press(town: Town, worker_connection: AsyncConnection) -> Press:
    await town.add_terminal()
    return Press(worker_connection)


async def hand(topic: str, **payload: object) -> None:
    """Does what the worker does about a note."""
    async with transaction(system("worker", JELGAVA)) as tx:
        await HANDLERS[topic](tx, Note(next(_numbers), JELGAVA, topic, "key", payload, 1))


async def person_of(town: Town, card: Card) -> str:
    found = await town.db.execute("SELECT person_id FROM token WHERE id = %s", (card.token,))
    [person] = await found.fetchone() or ("",)
    return str(person)


async def rights(carried: Carried, card: Card) -> int:
    """How many rights the card has at a terminal."""
    await carried.follow()
    snapshot = carried.holding.snapshot
    assert snapshot is not None
    number = snapshot.profile(card.uid)
    return -1 if number is None else len(snapshot.profiles[number].rights)


async def test_a_right_that_is_lost_and_one_that_is_gained_are_told(town: Town, press: Press) -> None:
    card = await town.add_card(await town.add_concession("BUS", FREE))
    await press.run()
    carried = Carried(town.provider)
    assert await rights(carried, card) == 1
    await town.db.execute("UPDATE entitlement SET periods = '{[2020-01-01,2020-02-01)}'")
    await hand(CHANGED, person_id=await person_of(town, card), gained=False, lost=True)
    await press.run()
    assert await rights(carried, card) == 0
    await town.db.execute("UPDATE entitlement SET periods = '{[2020-01-01,)}'")
    await hand(CHANGED, person_id=await person_of(town, card), gained=True, lost=False)
    await press.run()
    assert await rights(carried, card) == 1


async def test_one_run_over_the_register_tells_of_all_whom_it_changed(town: Town, press: Press) -> None:
    bus = await town.add_concession("BUS", FREE)
    changed, other = await town.add_card(bus), await town.add_card(bus)
    await press.run()
    carried, rule, entry = Carried(town.provider), town.rules[bus], new_id()
    await town.insert(
        "entitlement_log",
        id=entry,
        municipality_id=JELGAVA,
        person_id=await person_of(town, changed),
        rule_id=rule,
        concession_id=bus,
        rule_version=1,
        change="ended",
        gained="{}",
        lost="{[2026-01-01,)}",
        cause="rule",
        cause_ref="R",
        at=clock.now(),
    )
    await town.db.execute("UPDATE entitlement SET periods = '{[2020-01-01,2020-02-01)}'")
    note = {"rule_id": str(rule), "cause_ref": "R", "log_from": str(entry)}
    await hand(CHANGED_MANY, **note)
    await press.run()
    assert (await rights(carried, changed), await rights(carried, other)) == (0, 1)
    found = await town.db.execute("SELECT count(*) FROM status_change WHERE seq IS NULL")
    await hand(CHANGED_MANY, **note, after=str(new_id()))
    assert await found.fetchone() == (0,)


async def test_a_card_that_expires_overnight_is_dead_in_the_morning(town: Town, press: Press) -> None:
    card = await town.add_card(await town.add_concession("BUS", FREE))
    last = clock.today() + timedelta(days=1)
    await town.db.execute("UPDATE token SET valid_to = %s WHERE id = %s", (last, card.token))
    await press.run()
    carried = Carried(town.provider)
    assert await rights(carried, card) == 1
    await press.run(timedelta(days=1))
    await carried.follow(press.at)
    snapshot = carried.holding.snapshot
    assert snapshot is not None
    assert snapshot.profile(card.uid) in (0, None)

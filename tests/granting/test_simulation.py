"""What a simulation counts, in figures worked out by hand."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from amis.concessions.models import Concession
from amis.granting import service
from amis.granting.errors import RuleUnknown
from amis.granting.models import EntitlementLog
from amis.granting.service import RuleDraft
from amis.granting.simulation import Assumption, simulate
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from tests.granting.town import CLERK, JELGAVA_ACTOR, Somebody, fact

Make = Callable[..., Awaitable[Somebody]]
CODE = "JLG-REPR20"
EITHER = {"any": [{"has": {"fact": "needy"}}, {"has": {"fact": "repressed"}}]}
WIDER = RuleDraft(CODE, CODE, EITHER, "§ 7", date(2021, 1, 1))
NOON = datetime(2026, 3, 11, 10, tzinfo=UTC)
USES = Assumption(Decimal("0.5"), Decimal("1.00"))


async def test_gainers_losers_days_months_and_cost(somebody: Make) -> None:
    anna, boris, dana = await somebody(), await somebody(), await somebody()
    await anna.state(fact("needy", first="2026-03-01", end="2026-04-11"))
    await boris.state(fact("repressed", first="2026-01-01", end="2026-05-01"))
    await dana.state(fact("disability", "I"))
    with clock.moved(NOON):
        async with transaction(JELGAVA_ACTOR) as tx:
            key = await service.draft_rule(tx, replace(WIDER, condition={"has": {"fact": "needy"}}))
            told = await simulate(tx, key.rule_id, key.version, USES)
    assert (told.persons, told.gainers, told.losers, told.unchanged) == (3, 1, 1, 0)
    assert (told.shortened, told.prolonged, told.mixed) == (0, 0, 0)
    # from 11 March: 31 days of Anna's, 51 of Boris's; before it 10 and 69
    assert (told.person_days_gained, told.person_days_lost) == (31, 51)
    assert (told.past_days_gained, told.past_days_lost) == (10, 69)
    assert told.by_month[:3] == ((date(2026, 3, 1), 21, 21), (date(2026, 4, 1), 10, 30), (date(2026, 5, 1), 0, 0))
    assert len(told.by_month) == 12
    by_person = {one.person_id: (one.change, str(one.before), str(one.after)) for one in told.sample}
    assert by_person == {
        anna.id: ("begins", "{}", "{[2026-03-01,2026-04-11)}"),
        boris.id: ("ended", "{[2026-01-01,2026-05-01)}", "{}"),
    }
    assert told.cost == Decimal("-10.00")  # 20 days fewer, half a free ride of a euro on each
    assert told.budget_left is None


async def test_the_budget_is_what_all_holders_leave_of_it(somebody: Make) -> None:
    anna, boris = await somebody(), await somebody()
    await anna.state(fact("needy", first="2026-03-01", end="2026-04-11"))
    await boris.state(fact("repressed", first="2026-01-01", end="2026-05-01"))
    with clock.moved(NOON):
        async with transaction(JELGAVA_ACTOR) as tx:
            await tx.session.execute(update(Concession).where(Concession.code == CODE).values(budget=Decimal(100)))
            key = await service.draft_rule(tx, WIDER)
            told = await simulate(tx, key.rule_id, key.version, USES)
            without = await simulate(tx, key.rule_id, key.version)
    assert (told.cost, told.budget_left) == (Decimal("15.50"), Decimal("59.00"))
    assert (without.cost, without.budget_left) == (None, None)


async def test_simulating_writes_nothing(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    async with transaction(JELGAVA_ACTOR) as tx:
        key = await service.draft_rule(tx, WIDER)
        await simulate(tx, key.rule_id, key.version)
    assert CODE not in await anna.granted()
    async with transaction(CLERK) as tx:
        assert await tx.session.scalar(select(func.count()).select_from(EntitlementLog)) == 1


async def test_a_version_in_force_changes_nothing_when_simulated(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("repressed"))
    async with transaction(JELGAVA_ACTOR) as tx:
        done = await service.publish_rule(tx, WIDER)
        told = await simulate(tx, done.rule_id, done.version)
    assert (told.gainers, told.losers, told.mixed, told.unchanged, told.sample) == (0, 0, 0, 1, ())


async def test_a_version_that_is_not_there_is_unknown(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        with pytest.raises(RuleUnknown):
            await simulate(tx, uuid4(), 1)

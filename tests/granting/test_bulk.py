"""Regranting some persons at once gives each of them, and their relatives, what regranting them one by one gives."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from sqlalchemy import delete, select, update

from amis.granting import service
from amis.granting.bulk import regrant_many
from amis.granting.models import Entitlement, EntitlementLog
from amis.granting.possible import possible
from amis.granting.regranting import CHANGED, RELATIVE, regrant
from amis.granting.service import Cause, RuleDraft
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import OutboxEntry
from amis.register import service as register
from amis.register.models import Fact
from amis.register.service import PersonDraft
from rules.condition import Condition
from rules.evaluate import evaluate
from rules.period import EMPTY
from rules.person import PersonFacts
from sync.personal_code import draw_newer
from tests.granting.town import JELGAVA_ACTOR, fact
from tests.granting.village import SIZE, Village, drafts, rows_of, settled, teach, villages
from tests.rules.draws import KINDS, conditions, persons

_codes = random.Random(23)
MARCH = datetime(2026, 3, 1, 9, tzinfo=UTC)
CAUSE = Cause("notice", "source batch")
some = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
chosen = st.lists(st.integers(0, SIZE - 1), unique=True, min_size=1)


@pytest.fixture
async def words(town: Actor, owner_connection: AsyncConnection) -> None:
    """The words of the drawn conditions."""
    async with transaction(JELGAVA_ACTOR) as tx:
        await teach(tx)


async def told(tx: Transaction) -> tuple[list[Any], list[Any]]:
    """What the log and the outbox say of what was done under the cause."""
    log = await tx.session.scalars(select(EntitlementLog).where(EntitlementLog.cause == CAUSE.kind))
    notes = await tx.session.scalars(select(OutboxEntry).where(OutboxEntry.topic.in_({CHANGED, RELATIVE})))
    logged = [
        (one.person_id, one.rule_id, one.rule_version, one.change, one.gained, one.lost, one.cause_ref) for one in log
    ]
    return sorted(logged, key=repr), sorted(((one.topic, one.key, one.payload) for one in notes), key=repr)


async def changed_facts(tx: Transaction, persons: list[UUID]) -> None:
    """What is known of these persons is no longer what it was when rights were given."""
    of_them = Fact.person_id.in_(persons)
    await tx.session.execute(update(Fact).where(of_them, Fact.kind == "needy").values(shadowed=True))
    await tx.session.execute(update(Fact).where(of_them, Fact.kind != "needy").values(shadowed=False))
    tx.session.expire_all()


@some
@given(villages, st.lists(drafts(), min_size=1, max_size=2), chosen, st.booleans())
async def test_many_at_once_get_what_each_gets_alone(
    words: None, village: Village, drafted: list[RuleDraft], numbers: list[int], anew: bool
) -> None:
    kinds = None if anew else {"needy", "disability"}
    with clock.moved(MARCH):
        async with settled(village) as (tx, ids):
            for draft in drafted:
                await service.publish_rule(tx, draft)
            if anew:
                await tx.session.execute(delete(Entitlement).where(Entitlement.person_id.in_(ids)))
            persons = [ids[number] for number in sorted(numbers)]
            await changed_facts(tx, persons)
            outcomes = []
            for at_once in (True, False):
                attempt = await tx.session.begin_nested()
                if at_once:
                    await regrant_many(tx, persons, CAUSE, kinds)
                else:
                    for person_id in persons:
                        await regrant(tx, person_id, CAUSE, kinds=kinds)
                outcomes.append((await rows_of(tx, ids), await folded(tx)))
                await attempt.rollback()
                tx.session.expunge_all()
    assert outcomes[0] == outcomes[1]


async def folded(tx: Transaction) -> Any:
    """The log and the notes; one by one a relative may hear twice of what changes once."""
    log, notes = await told(tx)
    return log, {(topic, key) for topic, key, _ in notes}


@settings(max_examples=100, deadline=None)
@given(conditions, persons)
def test_what_is_impossible_holds_on_no_day(condition: Condition, person: PersonFacts) -> None:
    alone = replace(person, groups={}, relations=())
    if not possible(condition, {fact.kind for fact in alone.facts}, KINDS):
        assert evaluate(condition, alone, KINDS).true == EMPTY


async def test_who_is_new_is_asked_only_by_rules_that_can_matter_and_each_has_a_cause_of_its_own(town: Actor) -> None:
    async with transaction(town) as tx:
        ids = [await register.enrol(tx, PersonDraft(draw_newer(_codes), born=date(1980, 5, 17))) for _ in range(3)]
        for person_id in ids[:2]:
            await register.record(tx, person_id, fact("needy"))
        await regrant_many(tx, ids, CAUSE, {"needy"}, refs={ids[0]: "source batch:7"}, blank=ids)
        log, notes = await told(tx)
        for person_id in ids:
            assert await regrant(tx, person_id, CAUSE) == []
    assert {one[0]: one[-1] for one in log} == {ids[0]: "source batch:7", ids[1]: CAUSE.ref}
    assert [(topic, key) for topic, key, _ in notes] == sorted((CHANGED, str(one)) for one in ids[:2])

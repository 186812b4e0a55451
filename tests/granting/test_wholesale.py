"""Publishing for everybody at once gives each person what regranting that person alone gives."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from sqlalchemy import select, text

from amis.granting import rulebook, service
from amis.granting.models import Entitlement, EntitlementLog
from amis.granting.regranting import bring_in_line
from amis.granting.service import Cause, RuleDraft
from amis.granting.simulation import simulate
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from tests.granting.town import JELGAVA_ACTOR
from tests.granting.village import CODE, Village, drafts, rows_of, settled, teach, villages

MARCH = datetime(2026, 3, 1, 9, tzinfo=UTC)
AGAIN = Cause("test", "again")
some = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
async def words(town: Actor, owner_connection: AsyncConnection) -> None:
    """The words of the drawn conditions; the calendar of the concession is lifted for whoever has rooms."""
    lifted = """UPDATE concession_terms SET terms = terms || '{"waiver": "rooms"}' FROM concession
        WHERE concession.id = concession_id AND code = %s"""
    await owner_connection.execute(lifted, (CODE,))
    async with transaction(JELGAVA_ACTOR) as tx:
        await teach(tx)


async def publish_all(tx: Transaction, drafted: list[RuleDraft]) -> None:
    for draft in drafted:
        await service.publish_rule(tx, draft)
    await service.regrant_everybody(tx, AGAIN)


@some
@given(villages, st.lists(drafts(), min_size=1, max_size=3))
async def test_the_whole_register_in_sql_gives_each_person_what_python_gives(
    words: None, village: Village, drafted: list[RuleDraft]
) -> None:
    with clock.moved(MARCH):
        async with settled(village) as (tx, ids):
            await publish_all(tx, drafted)
            wholesale = await rows_of(tx, ids)
            rules = await rulebook.rules(tx, await rulebook.vocabulary(tx))
            for person_id in ids:
                assert await bring_in_line(tx, person_id, rules, AGAIN) == []
            assert await rows_of(tx, ids) == wholesale


@some
@given(villages, st.lists(drafts(), min_size=2, max_size=2))
async def test_a_rebuild_in_python_equals_what_was_published(
    words: None, village: Village, drafted: list[RuleDraft]
) -> None:
    drafted = [replace(one, on_ceasing="immediate_termination", grace_months=None) for one in drafted]
    with clock.moved(MARCH):
        async with settled(village) as (tx, ids):
            await publish_all(tx, drafted)
            wholesale = await rows_of(tx, ids)
            await tx.session.execute(text("DELETE FROM entitlement"))
            tx.session.expunge_all()
            rules = await rulebook.rules(tx, await rulebook.vocabulary(tx))
            for person_id in ids:
                await bring_in_line(tx, person_id, rules, AGAIN)
            assert await rows_of(tx, ids) == wholesale


@some
@given(villages, st.lists(drafts(), min_size=2, max_size=2))
async def test_simulating_tells_what_publishing_then_logs(
    words: None, village: Village, drafted: list[RuleDraft]
) -> None:
    with clock.moved(MARCH):
        async with settled(village) as (tx, _):
            await service.publish_rule(tx, drafted[0])
            before = set(await tx.session.scalars(select(EntitlementLog.id)))
            key = await service.draft_rule(tx, drafted[1])
            told = await simulate(tx, key.rule_id, key.version)
            held = await tx.session.scalars(select(Entitlement.id).where(Entitlement.rule_id == key.rule_id))
            holders = len(held.all())
            for step in (service.test, service.submit, service.approve):
                await step(tx, key)
            done = await service.publish(tx, key)
            log = [one for one in await tx.session.scalars(select(EntitlementLog)) if one.id not in before]
        words = Counter(one.change for one in log)
        assert (told.gainers, told.losers) == (words["begins"], words["ended"])
        assert (told.shortened, told.prolonged, told.mixed) == (
            words["shortened"],
            words["prolonged"],
            words["changed"],
        )
        assert told.unchanged == holders - len(log) + words["begins"]
        assert done.persons_changed == len(log)
        window = [date.fromordinal(day) for day in range(date(2026, 3, 1).toordinal(), date(2027, 3, 1).toordinal())]
        assert told.person_days_gained == sum(day in one.gained for one in log for day in window)
        assert told.person_days_lost == sum(day in one.lost for one in log for day in window)
        assert sum(gained for _, gained, _ in told.by_month) == told.person_days_gained
        logged = {one.person_id: (one.change, one.gained, one.lost) for one in log}
        for one in told.sample:
            assert logged[one.person_id] == (one.change, one.after - one.before, one.before - one.after)

"""Whatever happens in whatever order: what was regranted step by step is what a rebuild of everybody would give."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from amis.granting import rulebook, service
from amis.granting.regranting import bring_in_line
from amis.granting.service import Cause
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from rules.condition import Condition
from tests.granting.history import FEW, Event, grants, histories
from tests.granting.town import JELGAVA_ACTOR
from tests.granting.village import Village, draft, lives, rows_of, settled, teach

MARCH = datetime(2026, 3, 1, 9, tzinfo=UTC)
AGAIN = Cause("test", "again")
some = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
async def words(town: Actor) -> None:
    """The words of the drawn conditions."""
    async with transaction(JELGAVA_ACTOR) as tx:
        await teach(tx)


@some
@given(st.lists(lives().map(lambda life: life[0]), min_size=FEW, max_size=FEW), grants, histories)
async def test_regranting_step_by_step_gives_what_a_rebuild_of_everybody_gives(
    words: None, born: list[date | None], condition: Condition, history: list[Event]
) -> None:
    with clock.moved(MARCH):
        async with settled(Village([(day, None) for day in born])) as (tx, ids):
            await service.publish_rule(tx, draft(condition))
            await service.regrant_everybody(tx, AGAIN)
            for event in history:
                await event.happen(tx, ids)
            kept = await rows_of(tx, ids)
            assert await service.regrant_everybody(tx, AGAIN) == 0
            assert await rows_of(tx, ids) == kept
            await tx.session.execute(text("DELETE FROM entitlement"))
            tx.session.expunge_all()
            rules = await rulebook.rules(tx, await rulebook.vocabulary(tx))
            for person_id in ids:
                await bring_in_line(tx, person_id, rules, AGAIN)
            assert await rows_of(tx, ids) == kept

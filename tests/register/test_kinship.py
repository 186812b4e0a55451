"""Relations: recorded once, seen from both ends, now and as they were believed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service, store
from amis.register.errors import PeriodReversed, PersonErased, PersonUnknown, RelatedToOneself, RelationKindUnknown
from amis.register.kinship import INVERSE, Link, links_of
from tests.register.persons import JANUARY, JUNE, MARCH, persons


async def test_a_child_is_seen_by_the_parent_and_the_parent_by_the_child(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await persons(tx, 2)
        assert await service.relate(tx, anna, "child", janis, JANUARY, None, "clerk")
        assert await links_of(tx, {anna}) == [Link(anna, "child", janis, JANUARY, None)]
        assert await links_of(tx, {janis}) == [Link(janis, "parent", anna, JANUARY, None)]


async def test_the_same_relation_told_from_the_other_end_is_known_already(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await persons(tx, 2)
        for kind, inverse in INVERSE.items():
            if kind != "household":
                assert await service.relate(tx, anna, kind, janis, JANUARY, JUNE, "clerk"), kind
                assert not await service.relate(tx, janis, inverse, anna, MARCH, JUNE, "clerk"), kind
                assert await service.unrelate(tx, janis, inverse, anna, JANUARY, "clerk"), kind
        assert await links_of(tx, {anna, janis}) == []


async def test_a_relation_ends_on_a_day_and_one_that_begins_later_is_taken_back(town: Actor) -> None:
    early, late = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    async with transaction(town) as tx:
        anna, janis, oskars = await persons(tx, 3)
        for other in (janis, oskars):
            start = MARCH if other == oskars else JANUARY
            await service.relate(replace(tx, at=early), anna, "guardian", other, start, None, "court", "No. 7")
            assert await service.unrelate(replace(tx, at=late), anna, "guardian", other, MARCH, "court", "No. 9")
            assert not await service.unrelate(tx, anna, "guardian", other, JUNE, "court")
        assert await links_of(tx, {anna}) == [Link(anna, "guardian", janis, JANUARY, MARCH)]
        assert len(await links_of(tx, {anna}, early)) == 2


async def test_what_can_be_no_relation_is_refused(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await persons(tx, 2)
        refusals = [
            ((anna, "household", janis, JANUARY, None), RelationKindUnknown),
            ((anna, "friend", janis, JANUARY, None), RelationKindUnknown),
            ((anna, "child", anna, JANUARY, None), RelatedToOneself),
            ((anna, "child", janis, MARCH, MARCH), PeriodReversed),
            ((anna, "child", UUID(int=1), MARCH, None), PersonUnknown),
        ]
        for (one, kind, other, start, end), error in refusals:
            with pytest.raises(error):
                await service.relate(tx, one, kind, other, start, end, "clerk")
        await service.erase(tx, janis)
        with pytest.raises(PersonErased):
            await service.relate(tx, anna, "child", janis, JANUARY, None, "clerk")


async def test_a_relation_of_another_town_is_not_seen(town: Actor, elsewhere: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await persons(tx, 2)
        await service.relate(tx, anna, "spouse", janis, JANUARY, None, "clerk")
    async with transaction(elsewhere) as tx:
        assert await links_of(tx, {anna, janis}) == []
        assert (await tx.session.execute(text("SELECT count(*) FROM relation_seen"))).scalar() == 0


async def test_relatives_are_touched_as_far_as_is_asked(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis, oskars, lone = await persons(tx, 4)
        await service.relate(tx, anna, "child", janis, JANUARY, JUNE, "clerk")
        await service.relate(tx, janis, "child", oskars, JANUARY, None, "clerk")
        assert await store.relatives_touched(tx, oskars) == {janis}
        assert await store.relatives_touched(tx, oskars, 2) == {janis, anna}
        assert await store.relatives_touched(tx, lone, 2) == set()


SEEN = text("SELECT person_id, kind, other_id, lower(valid), upper(valid) FROM relation_seen")
Step = tuple[str, int, str, int, int, int | None]
steps = st.tuples(
    st.sampled_from(["relate", "unrelate", "join", "leave"]),
    st.integers(0, 2),
    st.sampled_from(sorted(set(INVERSE) - {"household"})),
    st.integers(1, 2),
    st.integers(0, 4),
    st.none() | st.integers(1, 3),
)


async def _done(tx: Transaction, ids: Sequence[UUID], homes: Sequence[UUID], step: Step) -> None:
    verb, one, kind, further, start, length = step
    person, other, home = ids[one], ids[(one + further) % 3], homes[further - 1]
    first = JANUARY + timedelta(days=start)
    end = None if length is None else first + timedelta(days=length)
    if verb == "relate":
        await service.relate(tx, person, kind, other, first, end, "test")
    elif verb == "unrelate":
        await service.unrelate(tx, person, kind, other, first, "test")
    elif verb == "join":
        await service.join_household(tx, person, home, first, end, "test")
    else:
        await service.leave_household(tx, person, home, first, "test")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, max_size=12))
async def test_after_any_history_each_end_sees_the_inverse_and_the_view_sees_the_same(
    town: Actor, history: list[Step]
) -> None:
    async with transaction(town) as tx:
        ids = await persons(tx, 3)
        homes = [await service.open_household(tx) for _ in range(2)]
        for step in history:
            await _done(tx, ids, homes, step)
        found = set(await links_of(tx, ids))
        mirrored = {replace(x, person_id=x.other_id, kind=INVERSE[x.kind], other_id=x.person_id) for x in found}
        assert mirrored == found
        rows = (Link(*row) for row in await tx.session.execute(SEEN))
        assert {row for row in rows if row.person_id in ids} == found
        await tx.session.rollback()

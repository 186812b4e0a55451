"""Rights that rest on relatives follow what happens to the relatives."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import select

from amis.granting import jobs, service, store
from amis.granting.regranting import RELATIVE
from amis.granting.service import Cause, RuleDraft
from amis.kernel.db import transaction
from amis.kernel.models import OutboxEntry
from amis.kernel.outbox import Note
from amis.register import service as register
from amis.register.service import CalendarDraft, GroupDraft, Step
from amis.register.store import lock_person
from rules.period import Days, Period
from tests.granting.town import CLERK, JELGAVA_ACTOR, NOTICE, STATE_ACTOR, Somebody, days, fact

Make = Callable[..., Awaitable[Somebody]]
CODE = "JLG-REPR20"
LAW = Cause("law", "test")


async def rule(condition: dict[str, object]) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.publish_rule(tx, RuleDraft(CODE, CODE, condition, "clause", date(2021, 1, 1)))


async def related(one: Somebody, kind: str, other: Somebody) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.relate_and_regrant(tx, one.id, kind, other.id, date(2020, 1, 1), None, NOTICE)


async def test_a_fact_of_a_child_grants_to_the_parent(somebody: Make) -> None:
    parent, child, stranger = await somebody(), await somebody(date(2015, 1, 1)), await somebody()
    await rule({"related": {"relation": "child", "where": {"has": {"fact": "needy"}}}})
    await related(parent, "child", child)
    await child.state(fact("needy"))
    assert (await parent.granted())[CODE] == days("{[2026-03-01,2026-06-01)}")
    assert CODE not in await child.granted() | await stranger.granted()
    await child.state(fact("needy", first="2026-06-01", end="2026-07-01"))
    assert (await parent.granted())[CODE] == days("{[2026-03-01,2026-07-01)}")


async def test_relatives_of_relatives_are_followed_as_far_as_a_rule_looks(somebody: Make) -> None:
    grandparent, parent, child = await somebody(), await somebody(), await somebody(date(2015, 1, 1))
    needy = {"related": {"relation": "child", "where": {"has": {"fact": "needy"}}}}
    await rule({"related": {"relation": "child", "where": needy}})
    await related(grandparent, "child", parent)
    await related(parent, "child", child)
    await child.state(fact("needy"))
    assert (await grandparent.granted())[CODE] == days("{[2026-03-01,2026-06-01)}")
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.unrelate_and_regrant(tx, parent.id, "child", child.id, date(2026, 4, 1), NOTICE)
    assert (await grandparent.granted())[CODE] == days("{[2026-03-01,2026-04-01)}")


async def test_an_explanation_looks_as_far_as_the_rule(somebody: Make) -> None:
    line = [await somebody() for _ in range(4)]
    needy: dict[str, object] = {"has": {"fact": "needy"}}
    for _ in range(3):
        needy = {"related": {"relation": "child", "where": needy}}
    await rule(needy)
    for one, child in pairwise(line):
        await related(one, "child", child)
    await line[3].state(fact("needy"))
    assert (await line[0].granted())[CODE] == days("{[2026-03-01,2026-06-01)}")
    async with transaction(CLERK) as tx:
        [answer] = [one for one in await store.explain(tx, line[0].id, date(2026, 4, 1)) if one.rule.code == CODE]
    assert (answer.holds, answer.periods) == (True, days("{[2026-03-01,2026-06-01)}"))


async def test_many_children_at_once_count_right(somebody: Make) -> None:
    parent = await somebody()
    children = [await somebody(date(2015, 1, number)) for number in range(1, 5)]
    await rule({"count": {"relation": "child", "where": {"has": {"fact": "needy"}}, "op": "ge", "value": 4}})
    for child in children:
        await related(parent, "child", child)
    await asyncio.gather(*(child.state(fact("needy")) for child in children))
    async with transaction(CLERK) as tx:
        notes = list(await tx.session.scalars(select(OutboxEntry).where(OutboxEntry.topic == RELATIVE)))
    for note in notes:
        async with transaction(JELGAVA_ACTOR) as tx:
            await jobs.HANDLERS[RELATIVE](tx, Note(1, 2, RELATIVE, note.key, note.payload, 1))
    assert (await parent.granted())[CODE] == days("{[2026-03-01,2026-06-01)}")


async def test_a_relative_who_is_busy_is_left_to_the_worker(somebody: Make) -> None:
    parent, child = await somebody(), await somebody(date(2015, 1, 1))
    await rule({"related": {"relation": "child", "where": {"has": {"fact": "needy"}}}})
    await related(parent, "child", child)
    async with transaction(CLERK) as busy:
        await lock_person(busy, parent.id)
        await child.state(fact("needy"))
    assert CODE not in await parent.granted()
    async with transaction(CLERK) as tx:
        [note] = await tx.session.scalars(select(OutboxEntry).where(OutboxEntry.topic == RELATIVE))
    assert (note.key, note.payload["cause_ref"]) == (str(parent.id), NOTICE.ref)
    async with transaction(JELGAVA_ACTOR) as tx:
        await jobs.HANDLERS[RELATIVE](tx, Note(1, 2, RELATIVE, note.key, note.payload, 1))
    assert (await parent.granted())[CODE] == days("{[2026-03-01,2026-06-01)}")


async def test_thirty_two_events_about_one_person_at_once_end_right(somebody: Make) -> None:
    anna = await somebody()
    first = [f"2026-{month:02}-{day:02}" for month in (3, 4) for day in range(1, 17)]
    ends = [*first[1:16], "2026-03-17", *first[17:], "2026-04-17"]
    await asyncio.gather(*(anna.state(fact("needy", first=one, end=end)) for one, end in zip(first, ends, strict=True)))
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-03-17),[2026-04-01,2026-04-17)}")}


async def test_a_figure_of_the_law_regrants_those_whose_rule_reads_it(somebody: Make) -> None:
    young, old = await somebody(date(1990, 1, 1)), await somebody(date(1960, 1, 1))
    async with transaction(JELGAVA_ACTOR) as tx:
        await register.define_figure(tx, "parameter", "old_age", Step(Period(None, None), Decimal(80)))
    await rule({"age": {"op": "ge", "years": {"param": "old_age"}}})
    async with transaction(JELGAVA_ACTOR) as tx:
        step = Step(Period(date(2026, 1, 1), None), Decimal(65))
        changed = await service.set_figure_and_regrant(tx, "parameter", "old_age", step, LAW)
    assert changed == 2
    assert (await old.granted())[CODE] == days("{[2026-01-01,)}")
    assert (await young.granted())[CODE] == days("{[2055-01-01,)}")
    async with transaction(CLERK) as tx:
        assert (await store.entitlement_log(tx, old.id))[0].cause == "law"


async def test_a_calendar_regrants_those_whose_rule_reads_it(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    school = CalendarDraft("school", "skola", "school", Days.parse("{[2026-03-01,2026-04-01)}"))
    async with transaction(JELGAVA_ACTOR) as tx:
        await register.define_calendar(tx, school)
    await rule({"all": [{"has": {"fact": "needy"}}, {"during": "school"}]})
    longer = CalendarDraft("school", "skola", "school", Days.parse("{[2026-03-01,2026-05-01)}"))
    async with transaction(JELGAVA_ACTOR) as tx:
        assert await service.set_calendar_and_regrant(tx, longer, LAW) == 1
        assert await service.set_calendar_and_regrant(tx, longer, LAW) == 0
    assert (await anna.granted())[CODE] == days("{[2026-03-01,2026-05-01)}")


async def test_a_group_defined_anew_is_read_anew(somebody: Make) -> None:
    anna = await somebody()
    async with transaction(JELGAVA_ACTOR) as tx:
        await register.define_group(tx, GroupDraft("helped", "atbalstāmie", "helped", {"has": {"fact": "orphan"}}))
    await rule({"member": {"group": "helped"}})
    helped = GroupDraft("helped", "atbalstāmie", "helped", {"has": {"fact": "needy"}})
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.set_group_and_regrant(tx, helped, LAW)
    await anna.state(fact("needy"))
    assert (await anna.granted())[CODE] == days("{[2026-03-01,2026-06-01)}")


async def test_what_the_state_sets_is_followed_in_every_municipality(somebody: Make) -> None:
    anna = await somebody(date(1960, 1, 1))
    old: dict[str, object] = {"age": {"op": "ge", "years": {"param": "old_age"}}}
    async with transaction(STATE_ACTOR) as tx:
        await register.define_figure(tx, "parameter", "old_age", Step(Period(None, None), Decimal(80)))
        await service.publish_rule(tx, RuleDraft("LV-REPRESSED", "LV-REPRESSED", old, "clause", date(2021, 6, 22)))
        await service.set_figure_and_regrant(tx, "parameter", "old_age", Step(Period(None, None), Decimal(65)), LAW)
        topic = "rules.everywhere"
        [*_, rule_note, figure_note] = await tx.session.scalars(
            select(OutboxEntry).where(OutboxEntry.topic == topic).order_by(OutboxEntry.id)
        )
    assert (rule_note.payload["kinds"], figure_note.payload["kinds"]) == ([], ["param:old_age"])
    for note in (rule_note, figure_note):
        async with transaction(STATE_ACTOR) as tx:
            await jobs.HANDLERS[topic](tx, Note(1, 1, topic, note.key, note.payload, 1))
    assert (await anna.granted())["LV-REPRESSED"] == days("{[2025-01-01,)}")


@pytest.mark.parametrize("again", [1, 2])
async def test_following_everywhere_twice_changes_nothing_more(somebody: Make, again: int) -> None:
    anna = await somebody()
    await anna.state(fact("disability", "I"))
    note = {"rules": [], "kinds": ["disability"], "cause": "law", "cause_ref": "x"}
    for _ in range(again):
        async with transaction(STATE_ACTOR) as tx:
            await jobs.HANDLERS["rules.everywhere"](tx, Note(1, 1, "rules.everywhere", "x", note, 1))
    async with transaction(CLERK) as tx:
        assert len(await store.entitlement_log(tx, anna.id)) == 1

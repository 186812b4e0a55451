"""Groups by list and by condition, and what refuses them."""

import asyncio
from dataclasses import replace

import pytest

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.errors import (
    FactKindInUse,
    GroupConditionRefused,
    GroupIsList,
    GroupMalformed,
    GroupNotList,
    GroupTaken,
)
from amis.register.service import GroupDraft
from rules.condition import Age, Any, Has, Member
from rules.vocabulary import FactKind
from tests.register.persons import JANUARY, persons, waited_for

ELDERLY = GroupDraft("elderly", "Seniori", "Elderly", {"age": {"op": "ge", "years": 65}}, "persona no 65 gadu vecuma")
HELPED = GroupDraft(
    "helped", "Atbalstāmie", "Helped", {"any": [{"has": {"fact": "needy"}}, {"member": {"group": "elderly"}}]}
)
VETERANS = GroupDraft("veterans", "Veterāni", "Veterans")


async def test_a_group_by_condition_is_a_word_of_the_vocabulary_with_its_definition(town: Actor) -> None:
    async with transaction(town) as tx:
        for draft in (VETERANS, ELDERLY, HELPED):
            await service.define_group(tx, draft)
        words = await store.vocabulary(tx)
        assert words.groups == {"veterans", "elderly", "helped"}
        assert words.definitions == {
            "elderly": Age("ge", 65),
            "helped": Any((Has("needy"), Member("elderly"))),
        }


async def test_of_one_group_sent_twice_at_once_the_second_is_refused(town: Actor) -> None:
    async def again() -> None:
        async with transaction(town) as tx:
            await service.define_group(tx, VETERANS)

    async with transaction(town) as tx:
        await service.define_group(tx, VETERANS)
        second = asyncio.create_task(again())
        await waited_for(tx)
    with pytest.raises(GroupTaken):
        await second


async def test_a_cycle_of_groups_is_refused_with_its_place(town: Actor) -> None:
    async with transaction(town) as tx:
        for draft in (ELDERLY, HELPED):
            await service.define_group(tx, draft)
        with pytest.raises(GroupConditionRefused, match="elderly -> helped -> elderly") as refused:
            await service.define_group(tx, replace(ELDERLY, condition={"not": {"member": {"group": "helped"}}}))
        assert refused.value.pointer == "/condition/helped/any/1/member/group"
        assert (await store.vocabulary(tx)).definitions["elderly"] == Age("ge", 65)


REFUSED = [
    (replace(ELDERLY, condition={"has": {"fact": "rich"}}), GroupConditionRefused, "/condition/elderly/has/fact"),
    (replace(ELDERLY, condition={"age": {"op": "ge", "years": "x"}}), GroupConditionRefused, "/condition/elderly"),
    (replace(VETERANS, code="Veterans"), GroupMalformed, "/code"),
    (replace(VETERANS, name_en=" "), GroupMalformed, "/name_en"),
]


async def test_a_group_that_cannot_be_is_refused_with_the_place(town: Actor) -> None:
    for draft, error, place in REFUSED:
        with pytest.raises(error) as refused:
            async with transaction(town) as tx:
                await service.define_group(tx, draft)
        assert refused.value.pointer.startswith(place)


async def test_nobody_is_put_on_the_list_of_a_group_by_condition(town: Actor) -> None:
    async with transaction(town) as tx:
        [anna] = await persons(tx, 1)
        await service.define_group(tx, ELDERLY)
        with pytest.raises(GroupNotList):
            await service.join_group(tx, anna, "elderly", JANUARY)


async def test_a_list_with_persons_on_it_gets_no_condition_and_an_empty_one_does(town: Actor) -> None:
    by_condition = replace(VETERANS, condition={"has": {"fact": "needy"}})
    async with transaction(town) as tx:
        [anna] = await persons(tx, 1)
        first = await service.define_group(tx, VETERANS)
        await service.join_group(tx, anna, "veterans", JANUARY)
        with pytest.raises(GroupIsList):
            await service.define_group(tx, by_condition)
        await service.leave_group(tx, anna, "veterans", JANUARY)
        assert await service.define_group(tx, by_condition) == first
        assert (await store.vocabulary(tx)).definitions == {"veterans": Has("needy")}


async def test_a_kind_that_a_group_reads_keeps_the_values_it_reads(town: Actor) -> None:
    color = FactKind("colour", frozenset({"red", "blue"}))
    async with transaction(town) as tx:
        await service.define_fact_kind(tx, color, "krāsa", "colour")
        read = {"has": {"fact": "colour", "in": ["red"]}}
        await service.define_group(tx, GroupDraft("reds", "Sarkanie", "Reds", read))
        assert await service.define_fact_kind(tx, replace(color, values=frozenset({"red"})), "krāsa", "colour")
        with pytest.raises(FactKindInUse, match="/reds/has/in"):
            await service.define_fact_kind(tx, replace(color, values=frozenset({"blue"})), "krāsa", "colour")

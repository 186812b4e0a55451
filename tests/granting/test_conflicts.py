"""What contradicts what is there already is refused with its place, and leaves nothing behind."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from amis.concessions import service as concessions
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.granting import service, store
from amis.granting.errors import ConcessionRuled, ExclusiveGroupConflict
from amis.granting.models import RuleVersion
from amis.granting.service import Cause, Published, RuleDraft
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register.errors import GroupConditionRefused
from amis.register.service import GroupDraft as PersonsDraft
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms
from tests.granting.town import JELGAVA_ACTOR
from tests.register.persons import waited_for

ABOUT = Description("Atlaide", "Discount", "T-EXCLUSIVE", "Saistošie noteikumi", "JLG")
LAW = Cause("law", "test")


async def ruled(code: str, terms: Terms, first: date = date(2020, 1, 1), end: date | None = None) -> Published:
    """A concession with these terms, and its rule put in force."""
    draft = TermsDraft(first, end, Discount(DiscountKind.FREE), terms=terms)
    async with transaction(JELGAVA_ACTOR) as tx:
        await concessions.define_group(tx, GroupDraft(ABOUT.group_code, "Viena no", "One of"))
        await concessions.define_concession(tx, ConcessionDraft(code, ABOUT, draft))
        return await service.publish_rule(tx, RuleDraft(code, code, {"has": {"fact": "needy"}}, "§ 1", first, end))


async def test_two_of_an_exclusive_group_with_one_priority_are_refused_with_the_place(town: Actor) -> None:
    await ruled("T-ONE", Terms(exclusive_group="bus", priority=5))
    with pytest.raises(ExclusiveGroupConflict, match="T-ONE") as refused:
        await ruled("T-TWO", Terms(exclusive_group="bus", priority=5))
    assert refused.value.pointer == "/concession_code"
    async with transaction(JELGAVA_ACTOR) as tx:
        assert await store.rule_by_code(tx, "T-TWO") is None
        assert await tx.session.scalar(select(func.count()).where(RuleVersion.legal_clause == "§ 1")) == 1


@pytest.mark.parametrize(
    ("terms", "first"),
    [
        (Terms(exclusive_group="bus", priority=6), date(2020, 1, 1)),
        (Terms(exclusive_group="tram", priority=5), date(2020, 1, 1)),
        (Terms(priority=5), date(2020, 1, 1)),
        (Terms(exclusive_group="bus", priority=5), date(2021, 1, 1)),
    ],
)
async def test_another_priority_group_or_period_is_no_conflict(town: Actor, terms: Terms, first: date) -> None:
    await ruled("T-ONE", Terms(exclusive_group="bus", priority=5), end=date(2021, 1, 1))
    assert (await ruled("T-TWO", terms, first)).changed


async def test_of_two_who_make_the_rule_of_a_concession_at_once_the_second_is_refused(town: Actor) -> None:
    first = TermsDraft(date(2020, 1, 1), None, Discount(DiscountKind.FREE))
    rule = RuleDraft("T-ONE", "T-ONE", {"has": {"fact": "needy"}}, "§ 1", date(2020, 1, 1))
    async with transaction(JELGAVA_ACTOR) as tx:
        await concessions.define_group(tx, GroupDraft(ABOUT.group_code, "Viena no", "One of"))
        await concessions.define_concession(tx, ConcessionDraft("T-ONE", ABOUT, first))

    async def again() -> None:
        async with transaction(JELGAVA_ACTOR) as tx:
            await service.draft_rule(tx, rule)

    async with transaction(JELGAVA_ACTOR) as tx:
        await service.draft_rule(tx, rule)
        second = asyncio.create_task(again())
        await waited_for(tx)
    with pytest.raises(ConcessionRuled):
        await second


async def test_a_cycle_of_groups_is_refused_with_its_place_and_regrants_nobody(town: Actor) -> None:
    elderly = PersonsDraft("elderly", "vecie", "the elderly", {"age": {"op": "ge", "years": 65}})
    helped = PersonsDraft("helped", "atbalstāmie", "the helped", {"any": [{"member": {"group": "elderly"}}]})
    async with transaction(JELGAVA_ACTOR) as tx:
        for draft in (elderly, helped):
            await service.set_group_and_regrant(tx, draft, LAW)
        around = replace(elderly, condition={"not": {"member": {"group": "helped"}}})
        with pytest.raises(GroupConditionRefused, match="elderly -> helped -> elderly") as refused:
            await service.set_group_and_regrant(tx, around, LAW)
        assert refused.value.pointer == "/condition/helped/any/0/member/group"
        rule = RuleDraft("JLG-REPR20", "JLG-REPR20", {"member": {"group": "helped"}}, "§ 1", date(2026, 1, 1))
        assert (await service.publish_rule(tx, rule)).changed

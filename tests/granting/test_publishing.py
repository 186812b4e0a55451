"""Publishing rules."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg.errors import IntegrityConstraintViolation

from amis.concessions import service as concessions
from amis.concessions import store as classifier
from amis.concessions.errors import ConcessionRetired, ConcessionUnknown
from amis.granting import service, store
from amis.granting.errors import (
    ConcessionRuled,
    ConditionInvalid,
    FourEyes,
    LegalClauseMissing,
    RulePeriodInvalid,
    RuleUnknown,
    StateRuleWithGroup,
)
from amis.granting.service import RuleDraft
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from amis.register import service as register
from amis.register.service import GroupDraft, PersonDraft
from tests.granting.town import CLERK, JELGAVA_ACTOR, STATE_ACTOR, Somebody, days, fact, granted

Make = Callable[..., Awaitable[Somebody]]
REPR20 = RuleDraft("JLG-REPR20", "JLG-REPR20", {"has": {"fact": "needy"}}, "§ 7", date(2026, 5, 1))


async def test_a_new_version_governs_from_its_day_and_regrants_everybody(somebody: Make) -> None:
    anna, boris = await somebody(), await somebody()
    await anna.state(fact("needy"))
    await boris.state(fact("repressed"))
    async with transaction(JELGAVA_ACTOR) as tx:
        done = await service.publish_rule(tx, REPR20)
    assert (done.version, done.changed, done.persons_changed) == (2, True, 2)
    assert (await anna.granted())["JLG-REPR20"] == days("{[2026-05-01,2026-06-01)}")
    assert (await boris.granted())["JLG-REPR20"] == days("{[2026-03-01,2026-05-01)}")
    async with transaction(CLERK) as tx:
        [entry, *_] = await store.entitlement_log(tx, boris.id)
        assert (entry.cause, entry.cause_ref) == ("rule", "JLG-REPR20 v2")
        views = {one.rule.code: one for one in await store.entitlements_of(tx, anna.id)}
        assert (views["JLG-REPR20"].rule_version, views["JLG-REPR20"].legal_clause) == (2, "§ 7")
        assert views["JLG-REPR20"].rule_sha256 == done.sha256
        assert await store.reads_of(tx, done.rule_id, 2) == ["needy"]


async def test_a_version_with_an_end_gives_way_to_the_older_one_after_it(somebody: Make) -> None:
    boris = await somebody()
    await boris.state(fact("repressed", end=None))
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.publish_rule(tx, replace(REPR20, valid_to=date(2026, 7, 1)))
    assert (await boris.granted())["JLG-REPR20"] == days("{[2026-03-01,2026-05-01),[2026-07-01,)}")


async def test_publishing_the_same_again_adds_no_version(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        first = await service.publish_rule(tx, REPR20)
        again = await service.publish_rule(tx, REPR20)
    assert (again.version, again.changed, again.sha256) == (first.version, False, first.sha256)


@pytest.mark.parametrize(
    ("change", "error", "pointer"),
    [
        ({"condition": {"has": {"fact": "rich"}}}, ConditionInvalid, "/condition/has/fact"),
        ({"condition": {"has": {"fact": "disability", "in": ["IV"]}}}, ConditionInvalid, "/condition/has/in/0"),
        ({"condition": {}}, ConditionInvalid, "/condition"),
        ({"valid_to": date(2026, 5, 1)}, RulePeriodInvalid, "/valid_to"),
        ({"legal_clause": "  "}, LegalClauseMissing, "/legal_clause"),
        ({"concession_code": "JLG-NOTHING"}, ConcessionUnknown, "/concession_code"),
        ({"code": "JLG-OTHER"}, ConcessionRuled, "/concession_code"),
        ({"concession_code": "LV-ORPHAN"}, ConcessionUnknown, "/concession_code"),
    ],
)
async def test_a_draft_that_cannot_stand_is_refused_with_its_place(
    town: Actor, change: dict[str, Any], error: type[AmisError], pointer: str
) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        with pytest.raises(error) as caught:
            await service.publish_rule(tx, replace(REPR20, **change))
    assert caught.value.pointer == pointer


async def test_staff_publish_only_with_the_approval_of_another(town: Actor) -> None:
    for approver in (None, CLERK.id):
        async with transaction(CLERK) as tx:
            with pytest.raises(FourEyes):
                await service.publish_rule(tx, REPR20, approver=approver)
    async with transaction(CLERK) as tx:
        done = await service.publish_rule(tx, REPR20, approver="admin-1")
        newest = (await store.versions_of(tx, done.rule_id))[0]
    assert (newest.author, newest.approver) == (CLERK.id, "admin-1")


async def test_a_rule_of_the_state_cannot_rest_on_a_list_of_one_municipality(town: Actor) -> None:
    draft = RuleDraft("LV-ORPHAN", "LV-ORPHAN", {"member": {"group": "choir"}}, "§ 1", date(2026, 1, 1))
    async with transaction(STATE_ACTOR) as tx:
        await register.define_group(tx, GroupDraft("choir", "koris", "choir"))
        with pytest.raises(StateRuleWithGroup):
            await service.publish_rule(tx, draft)


async def test_a_new_rule_of_the_state_reaches_a_municipality_when_it_regrants(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("large_family"))
    draft = RuleDraft("LV-DIS-1-2", "LV-DIS-1-2", {"has": {"fact": "large_family"}}, "§ 1", date(2026, 1, 1))
    async with transaction(STATE_ACTOR) as tx:
        done = await service.publish_rule(tx, draft)
    async with transaction(JELGAVA_ACTOR) as tx:
        assert await service.regrant_everybody(tx, service.Cause("rule", "LV-DIS-1-2 v2"), only=[done.rule_id]) == 1
    assert set(await anna.granted()) == {"LV-DIS-1-2"}


async def test_an_active_version_cannot_be_changed_even_by_the_owner(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    for statement in ("UPDATE rule_version SET legal_clause = 'other'", "DELETE FROM rule_version"):
        with pytest.raises(IntegrityConstraintViolation, match="cannot be changed"):
            await owner_connection.execute(statement)


async def test_a_rule_of_another_municipality_is_not_known(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        rule = await store.rule_by_code(tx, "JLG-REPR20")
        assert rule is not None
    async with transaction(Actor("staff", "clerk-2", "Clerk", 3)) as tx:
        with pytest.raises(RuleUnknown):
            await store.get_rule(tx, rule.id)
        assert {view.names.grantor_id for view in await store.list_rules(tx)} == {1}


async def test_somebody_enrolled_while_a_rule_is_published_is_granted_by_it(town: Actor) -> None:
    async def publish() -> None:
        async with transaction(JELGAVA_ACTOR) as tx:
            await service.publish_rule(tx, REPR20)

    async with transaction(CLERK) as tx:
        anna = await register.enrol(tx, PersonDraft("32345678901"))
        await service.record_and_regrant(tx, anna, [fact("needy")], service.Cause("notice", "e-1"))
        publishing = asyncio.create_task(publish())
        await asyncio.wait({publishing}, timeout=0.5)
    await publishing
    async with transaction(CLERK) as tx:
        assert (await granted(tx, anna))["JLG-REPR20"] == days("{[2026-05-01,2026-06-01)}")


async def test_no_rule_is_made_for_a_retired_concession(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        concession = await classifier.by_code(tx, tx.municipality_id, "JLG-REPR20")
        assert concession is not None
        await concessions.retire(tx, concession.id, "replaced")
        with pytest.raises(ConcessionRetired):
            await service.publish_rule(tx, REPR20)

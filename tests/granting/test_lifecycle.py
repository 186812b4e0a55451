"""A version from the first draft to the day on which it is retired."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg.errors import IntegrityConstraintViolation
from sqlalchemy import func, select

from amis.concessions import service as concessions
from amis.concessions import store as classifier
from amis.concessions.errors import ConcessionRetired
from amis.granting import service, store
from amis.granting.errors import (
    CaseFails,
    CaseInvalid,
    ConcessionRuled,
    ConditionInvalid,
    FourEyes,
    PolicyInvalid,
    ReasonMissing,
    RuleUnknown,
    VersionChanged,
    VersionOverlaps,
    VersionStateWrong,
    VersionSuperseded,
)
from amis.granting.models import Entitlement, EntitlementLog, RuleRead, RuleVersion
from amis.granting.service import RuleDraft, VersionKey
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from amis.kernel.models import AuditEntry
from tests.granting.town import CLERK, JELGAVA_ACTOR, Somebody, days, fact

Make = Callable[..., Awaitable[Somebody]]
AUTHOR, OTHER = replace(CLERK, id="author-1"), replace(CLERK, id="approver-1")
NEEDY = {"has": {"fact": "needy"}}
CASE = {
    "name": "needy in spring",
    "person": {"born": "1980-05-17", "facts": [{"kind": "needy", "value": "yes", "from": "2026-03-01"}]},
    "expected": "{[2026-05-01,)}",
}
DRAFT = RuleDraft("JLG-REPR20", "JLG-REPR20", NEEDY, "§ 7", date(2026, 5, 1), cases=(CASE,))


async def drafted(draft: RuleDraft = DRAFT, actor: Actor = AUTHOR) -> VersionKey:
    async with transaction(actor) as tx:
        return await service.draft_rule(tx, draft)


async def taken(key: VersionKey, *steps: str) -> None:
    """Takes a version through steps, each by whoever may."""
    for step in steps:
        async with transaction(OTHER if step in ("approve", "publish") else AUTHOR) as tx:
            await getattr(service, step)(tx, key)


async def state(key: VersionKey) -> str:
    async with transaction(CLERK) as tx:
        rows = await store.versions_of(tx, key.rule_id)
        return next(row.state for row in rows if row.version == key.version)


async def test_a_version_is_drafted_tested_reviewed_approved_and_published(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    key = await drafted()
    assert (await state(key), key.version) == ("draft", 2)
    for step, reached in (("test", "tested"), ("submit", "in_review"), ("approve", "approved")):
        await taken(key, step)
        assert await state(key) == reached
        assert "JLG-REPR20" not in await anna.granted()
    async with transaction(OTHER) as tx:
        done = await service.publish(tx, key)
    assert (done.version, done.persons_changed) == (2, 1)
    assert (await anna.granted())["JLG-REPR20"] == days("{[2026-05-01,2026-06-01)}")
    async with transaction(CLERK) as tx:
        row = (await store.versions_of(tx, key.rule_id))[0]
        assert (row.state, row.author, row.approver) == ("active", "author-1", "approver-1")
        actions = await tx.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == str(key.rule_id)))
    assert list(actions)[1:] == ["rule.draft", "rule.test", "rule.submit", "rule.approve", "rule.publish"]


async def test_the_author_approves_nothing_of_theirs(town: Actor) -> None:
    key = await drafted()
    await taken(key, "test", "submit")
    async with transaction(AUTHOR) as tx:
        with pytest.raises(FourEyes):
            await service.approve(tx, key)


async def test_whoever_wrote_last_is_the_author(town: Actor) -> None:
    key = await drafted()
    async with transaction(OTHER) as tx:
        await service.change_draft(tx, key, replace(DRAFT, legal_clause="§ 8"))
    await taken(key, "test", "submit")
    async with transaction(OTHER) as tx:
        with pytest.raises(FourEyes):
            await service.approve(tx, key)


async def test_whoever_set_the_cases_last_is_the_author(town: Actor) -> None:
    key = await drafted()
    async with transaction(OTHER) as tx:
        await service.set_cases(tx, key, [])
    await taken(key, "test", "submit")
    async with transaction(OTHER) as tx:
        with pytest.raises(FourEyes):
            await service.approve(tx, key)


@pytest.mark.parametrize("step", ["approve", "publish"])
async def test_only_what_was_looked_at_is_approved_and_published(town: Actor, step: str) -> None:
    key = await drafted()
    before = ("test", "submit", "approve")[: 2 if step == "approve" else 3]
    await taken(key, *before)
    looked_at = await changed_at(key)
    async with transaction(AUTHOR) as tx:
        await service.change_draft(tx, key, replace(DRAFT, condition={"has": {"fact": "orphan"}}, cases=()))
    await taken(key, *before)
    async with transaction(OTHER) as tx:
        with pytest.raises(VersionChanged):
            await getattr(service, step)(tx, key, seen=looked_at)
    async with transaction(OTHER) as tx:
        await getattr(service, step)(tx, key, seen=await changed_at(key))


async def changed_at(key: VersionKey) -> datetime:
    """When the version was changed last, as its page tells."""
    async with transaction(CLERK) as tx:
        rows = await store.versions_of(tx, key.rule_id)
        return next(row.changed_at for row in rows if row.version == key.version)


async def test_a_failing_case_keeps_a_version_a_draft_and_names_the_days(town: Actor) -> None:
    key = await drafted(replace(DRAFT, cases=(CASE, CASE | {"name": "wrong", "expected": "{}"})))
    async with transaction(AUTHOR) as tx:
        report = await service.test(tx, key)
    assert (report.passed, report.failed) == (False, ["wrong"])
    assert [str(one.given) for one in report.results] == ["{[2026-05-01,)}", "{[2026-05-01,)}"]
    assert await state(key) == "draft"
    async with transaction(AUTHOR) as tx:
        await service.set_cases(tx, key, [CASE])
        assert (await service.test(tx, key)).passed
    assert await state(key) == "tested"


async def test_publishing_tries_the_cases_once_more_as_words_may_have_changed(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    key = await drafted()
    await taken(key, "test", "submit", "approve")
    wrong = """UPDATE rule_version SET cases = jsonb_set(cases, '{0,expected}', '"{}"') WHERE state = 'approved'"""
    await owner_connection.execute(wrong)
    async with transaction(OTHER) as tx:
        with pytest.raises(CaseFails) as caught:
            await service.publish(tx, key)
    assert caught.value.pointer == "/cases"
    assert await state(key) == "approved"


STEPS = {"draft": ["test"], "tested": ["test", "submit"], "in_review": ["approve"], "approved": ["publish"]}
PATH = {"draft": (), "tested": ("test",), "in_review": ("test", "submit"), "approved": ("test", "submit", "approve")}


@pytest.mark.parametrize("reached", [*PATH, "active", "retired"])
async def test_each_state_takes_its_own_steps_only(town: Actor, reached: str) -> None:
    key = await drafted()
    await taken(key, *PATH.get(reached, (*PATH["approved"], "publish")))
    if reached == "retired":
        async with transaction(OTHER) as tx:
            await service.retire(tx, key, "replaced")
    assert await state(key) == reached
    for step in {"test", "submit", "approve", "publish"} - set(STEPS.get(reached, [])):
        async with transaction(replace(CLERK, id="third")) as tx:
            with pytest.raises(VersionStateWrong):
                await getattr(service, step)(tx, key)


async def test_a_version_given_back_is_a_draft_without_an_approver(town: Actor) -> None:
    key = await drafted()
    await taken(key, *PATH["approved"])
    async with transaction(OTHER) as tx:
        with pytest.raises(ReasonMissing):
            await service.return_to_draft(tx, key, " ")
        await service.return_to_draft(tx, key, "the clause is another one")
        row = (await store.versions_of(tx, key.rule_id))[0]
        assert (row.state, row.approver) == ("draft", None)


async def test_writing_a_reviewed_version_anew_makes_a_draft_of_it(town: Actor) -> None:
    key = await drafted()
    await taken(key, *PATH["approved"])
    async with transaction(AUTHOR) as tx:
        await service.change_draft(tx, key, replace(DRAFT, note="again"))
        with pytest.raises(ConcessionRuled):
            await service.change_draft(tx, key, replace(DRAFT, concession_code="JLG-NEEDY20", code="JLG-NEEDY20"))
    assert await state(key) == "draft"


async def test_two_versions_for_the_same_days_are_not_reviewed_at_once(town: Actor) -> None:
    first, second = await drafted(), await drafted()
    later = await drafted(replace(DRAFT, valid_from=date(2027, 1, 1), cases=()))
    await taken(first, "test", "submit")
    await taken(second, "test")
    async with transaction(AUTHOR) as tx:
        with pytest.raises(VersionOverlaps) as caught:
            await service.submit(tx, second)
    assert (caught.value.pointer, caught.value.detail) == ("/valid_from", "v2")
    async with transaction(AUTHOR) as tx:
        await service.change_draft(tx, first, replace(DRAFT, valid_to=date(2027, 1, 1), cases=()))
    await taken(first, "test", "submit")
    await taken(later, "test", "submit")
    assert await state(later) == "in_review"


async def test_an_older_version_is_not_published_behind_a_newer_one(town: Actor) -> None:
    first, second = await drafted(), await drafted()
    await taken(second, *PATH["approved"], "publish")
    await taken(first, *PATH["approved"])
    async with transaction(OTHER) as tx:
        with pytest.raises(VersionSuperseded):
            await service.publish(tx, first)


async def test_a_retired_version_keeps_what_was_and_brings_no_older_one_back(somebody: Make) -> None:
    boris = await somebody()
    await boris.state(fact("repressed", end=None), fact("needy", end=None))
    key = await drafted()
    await taken(key, *PATH["approved"], "publish")
    with clock.moved(datetime(2026, 7, 10, 9, tzinfo=UTC)):
        async with transaction(OTHER) as tx:
            assert await service.retire(tx, key, "the council repealed it") == 1
    assert (await boris.granted())["JLG-REPR20"] == days("{[2026-03-01,2026-07-10)}")


async def test_a_draft_can_be_put_away(town: Actor) -> None:
    key = await drafted()
    async with transaction(AUTHOR) as tx:
        assert await service.retire(tx, key, "not needed") == 0
    assert await state(key) == "retired"


@pytest.mark.parametrize(
    ("change", "error", "pointer"),
    [
        ({"condition": {"has": {"fact": "rich"}}}, ConditionInvalid, "/condition/has/fact"),
        ({"condition": {"num": {"fact": "needy", "op": "le", "value": "1"}}}, ConditionInvalid, "/condition/num/fact"),
        ({"condition": {"during": ["2026-02-01", "2026-02-01"]}}, ConditionInvalid, "/condition/during"),
        ({"on_becoming": "by_magic"}, PolicyInvalid, "/on_becoming"),
        ({"on_ceasing": "terminate_after_grace_period"}, PolicyInvalid, "/grace_months"),
        ({"grace_months": 2}, PolicyInvalid, "/grace_months"),
        ({"cases": [CASE, {"name": "x"}]}, CaseInvalid, "/cases/1"),
        ({"cases": [CASE | {"expected": "soon"}]}, CaseInvalid, "/cases/0"),
        (
            {"cases": [CASE | {"person": {"facts": [{"kind": "rich", "from": "2026-01-01"}]}}]},
            CaseInvalid,
            "/cases/0/person/facts/0/kind",
        ),
        (
            {"cases": [CASE | {"person": {"relations": [{"kind": "boss", "person": {}}]}}]},
            CaseInvalid,
            "/cases/0/person/relations/0/kind",
        ),
    ],
)
async def test_what_cannot_stand_is_refused_with_its_place(
    town: Actor, change: dict[str, Any], error: type[AmisError], pointer: str
) -> None:
    async with transaction(AUTHOR) as tx:
        with pytest.raises(error) as caught:
            await service.draft_rule(tx, replace(DRAFT, **change))
    assert caught.value.pointer == pointer


async def test_a_version_that_is_not_there_is_unknown(town: Actor) -> None:
    key = await drafted()
    async with transaction(AUTHOR) as tx:
        with pytest.raises(RuleUnknown):
            await service.test(tx, VersionKey(key.rule_id, 9))


async def test_a_failed_publish_leaves_nothing_changed(somebody: Make, owner_connection: AsyncConnection) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    key = await drafted()
    await taken(key, *PATH["approved"])
    # the note about the rights that changed is written last
    await owner_connection.execute("ALTER TABLE outbox ADD CHECK (topic <> 'entitlements.changed')")

    async def everything() -> list[Any]:
        async with transaction(CLERK) as tx:
            counted = [await tx.session.scalar(select(func.count()).select_from(EntitlementLog))]
            counted.append(await tx.session.scalar(select(func.count()).select_from(RuleRead)))
            counted.append(await tx.session.scalar(select(func.count()).select_from(AuditEntry)))
            rows = await tx.session.execute(select(Entitlement.id, Entitlement.periods, Entitlement.rule_version))
            return [*counted, sorted(map(str, rows)), await state(key)]

    before = await everything()
    with pytest.raises(Exception, match="outbox"):
        await taken(key, "publish")
    assert await everything() == before


async def test_a_published_version_can_only_be_retired(town: Actor, owner_connection: AsyncConnection) -> None:
    key = await drafted()
    await taken(key, *PATH["approved"], "publish")
    changes = (
        "condition = '{}'",
        "cases = '[]'",
        "state = 'draft'",
        "state = 'retired', retired_on = current_date, note = 'x'",
    )
    for change in changes:
        statement = f"UPDATE rule_version SET {change} WHERE published_at IS NOT NULL"  # noqa: S608
        with pytest.raises(IntegrityConstraintViolation):
            await owner_connection.execute(statement.encode())
    with pytest.raises(IntegrityConstraintViolation):
        await owner_connection.execute("DELETE FROM rule_version WHERE published_at IS NOT NULL")


async def test_no_version_is_written_for_a_retired_concession(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        concession = await classifier.by_code(tx, tx.municipality_id, "JLG-REPR20")
        assert concession is not None
        await concessions.retire(tx, concession.id, "replaced")
        with pytest.raises(AmisError):
            await service.draft_rule(tx, DRAFT)
        assert await tx.session.scalar(select(func.count()).where(RuleVersion.state == "draft")) == 0


async def test_a_version_is_not_published_for_a_concession_that_was_retired_meanwhile(town: Actor) -> None:
    key = await drafted()
    await taken(key, "test", "submit", "approve")
    async with transaction(JELGAVA_ACTOR) as tx:
        concession = await classifier.by_code(tx, tx.municipality_id, "JLG-REPR20")
        assert concession is not None
        await concessions.retire(tx, concession.id, "replaced")
    with pytest.raises(ConcessionRetired):
        await taken(key, "publish")
    assert await state(key) == "approved"

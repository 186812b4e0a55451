"""Acceptance cases of granting, by their numbers: what happens to entitlements, to the day."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import select

from amis.granting import service, store
from amis.granting.models import Entitlement, EntitlementLog
from amis.granting.service import Cause, RuleDraft
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.models import OutboxEntry
from tests.granting.town import CLERK, JELGAVA_ACTOR, Somebody, days, fact

Make = Callable[..., Awaitable[Somebody]]
REPEALED = Cause("notice", "revoked")


async def test_t05_a_revocation_backdated_by_14_days_is_logged_as_lost_in_the_past(somebody: Make) -> None:
    anna, boris = await somebody(), await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    await boris.state(fact("needy", record_id="d-2"))
    with clock.moved(datetime(2026, 5, 15, 9, tzinfo=UTC)):
        await anna.state(fact("needy", record_id="d-1", version=2, end="2026-05-01"), cause=REPEALED)
        await boris.state(fact("needy", record_id="d-2", version=2, end="2026-05-15"), cause=REPEALED)
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-05-01)}")}
    async with transaction(CLERK) as tx:
        [entry] = await store.retroactive(tx, datetime(2026, 5, 15, tzinfo=UTC))
    assert (entry.person_id, entry.change, str(entry.lost)) == (anna.id, "shortened", "{[2026-05-01,2026-06-01)}")
    assert (entry.cause, entry.cause_ref) == ("notice", "revoked")


async def test_t17_the_right_of_a_disabled_child_ends_on_the_18th_birthday_and_the_group_decides(
    somebody: Make,
) -> None:
    child = await somebody(date(2008, 9, 14))
    await child.state(fact("disability", "child", first="2020-01-01", end=None))
    await child.state(fact("disability", "II", first="2026-09-14", end=None))
    other = await somebody(date(2008, 9, 14))
    await other.state(fact("disability", "child", first="2020-01-01", end=None))
    assert await child.granted() == {
        "LV-DIS-CHILD": days("{[2021-06-22,2026-09-14)}"),
        "LV-DIS-1-2": days("{[2026-09-14,)}"),
    }
    assert await other.granted() == {"LV-DIS-CHILD": days("{[2021-06-22,2026-09-14)}")}


async def test_t18_the_right_of_a_studying_orphan_ends_on_the_24th_birthday(somebody: Make) -> None:
    orphan = await somebody(date(2002, 10, 3))
    await orphan.state(
        fact("orphan", first="2015-01-01", end=None), fact("studying", first="2024-09-01", end="2028-07-01")
    )
    assert (await orphan.granted())["LV-ORPHAN"].period_at(date(2026, 10, 2)) is not None
    assert (await orphan.granted())["LV-ORPHAN"].period_at(date(2026, 10, 3)) is None
    assert [period.end for period in (await orphan.granted())["JLG-ORPHAN5"]][-1] == date(2026, 10, 3)


async def test_t23_who_lives_elsewhere_is_refused_before_the_amendment_and_granted_after_it(somebody: Make) -> None:
    resisted = {"has": {"fact": "resistance"}}
    lives_here = {"all": [resisted, {"has": {"fact": "repressed"}}]}
    before = RuleDraft("JLG-REPR20", "JLG-REPR20", lives_here, "§ 5", date(2021, 1, 1))
    after = replace(before, condition=resisted, legal_clause="§ 5 (2025)", valid_from=date(2025, 12, 1))
    anna = await somebody(date(1944, 5, 1))
    await anna.state(fact("resistance", first="2020-01-01", end=None))
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.publish_rule(tx, before)
        await service.publish_rule(tx, after)
    async with transaction(CLERK) as tx:
        explained = {
            day: next(one for one in await store.explain(tx, anna.id, day) if one.rule.code == "JLG-REPR20")
            for day in (date(2025, 11, 30), date(2025, 12, 1))
        }
    told = [(one.holds, one.version.legal_clause) for one in explained.values() if one.version]
    assert told == [(False, "§ 5"), (True, "§ 5 (2025)")]
    assert (await anna.granted())["JLG-REPR20"] == days("{[2025-12-01,)}")


async def test_t25_a_prolonged_status_extends_the_same_right_and_tells_of_it(somebody: Make) -> None:
    anna = await somebody()
    rule = RuleDraft("JLG-REPR20", "JLG-REPR20", {"has": {"fact": "needy"}}, "clause", date(2021, 1, 1))
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.publish_rule(tx, replace(rule, valid_to=date(2027, 1, 1)))
    await anna.state(fact("needy", first="2026-01-01", end=None))
    mine = Entitlement.person_id == anna.id

    async def right() -> tuple[object, ...]:
        async with transaction(CLERK) as tx:
            rows = await tx.session.scalars(select(Entitlement).where(mine))
            return next((row.id, str(row.periods)) for row in rows if row.rule_version > 1)

    before = await right()
    async with transaction(JELGAVA_ACTOR) as tx:
        done = await service.publish_rule(tx, replace(rule, valid_to=date(2027, 7, 1)))
    assert done.persons_changed == 1
    assert (before[1], await right()) == ("{[2026-01-01,2027-01-01)}", (before[0], "{[2026-01-01,2027-07-01)}"))
    async with transaction(CLERK) as tx:
        newest = (await store.entitlement_log(tx, anna.id))[0]
        assert (newest.change, str(newest.gained), str(newest.lost)) == ("prolonged", "{[2027-01-01,2027-07-01)}", "{}")
        notes = await tx.session.scalars(
            select(OutboxEntry).where(OutboxEntry.topic == service.CHANGED_MANY).order_by(OutboxEntry.id.desc())
        )
        note = next(iter(notes))
        logged = await tx.session.scalars(select(EntitlementLog.id).where(EntitlementLog.cause_ref == "JLG-REPR20 v3"))
    assert note.payload == {
        "rule_id": str(newest.rule_id),
        "cause_ref": "JLG-REPR20 v3",
        "log_from": str(min(logged)),
    }

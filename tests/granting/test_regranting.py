"""Facts change and entitlements follow, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from amis.granting import service, store
from amis.granting.models import EntitlementLog
from amis.granting.service import Cause
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.models import OutboxEntry
from amis.register import service as register
from amis.register.errors import FactStale, FactValueUnknown, PersonUnknown
from amis.register.service import FactChange, GroupDraft
from rules.period import EMPTY, Days, union
from tests.granting.town import CLERK, NOTICE, Somebody, days, fact, granted, somebody_of

Make = Callable[..., Awaitable[Somebody]]
SPRING = "{[2026-03-01,2026-06-01)}"


async def test_a_needy_person_is_granted_exactly_the_days_of_the_decision(somebody: Make) -> None:
    anna = await somebody()
    done = await anna.state(fact("needy"))
    assert done.changed
    assert [(diff.rule_code, str(diff.gained), str(diff.lost)) for diff in done.diffs] == [
        ("JLG-NEEDY20", SPRING, "{}")
    ]
    async with transaction(CLERK) as tx:
        live = {day: await store.live_entitlements(tx, anna.id, day) for day in (date(2026, 5, 31), date(2026, 6, 1))}
    assert [one.rule.concession_code for one in live[date(2026, 5, 31)]] == ["JLG-NEEDY20"]
    assert live[date(2026, 6, 1)] == []


async def test_a_pause_inside_the_hull_is_not_live(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"), fact("needy", first="2026-08-01", end="2026-09-01"))
    async with transaction(CLERK) as tx:
        assert await store.live_entitlements(tx, anna.id, date(2026, 7, 1)) == []
        assert len(await store.live_entitlements(tx, anna.id, date(2026, 8, 1))) == 1


async def test_a_change_leaves_a_row_of_the_log_and_a_note_for_the_worker(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    async with transaction(CLERK) as tx:
        [entry] = await store.entitlement_log(tx, anna.id)
        [note] = await tx.session.scalars(select(OutboxEntry).where(OutboxEntry.topic == service.CHANGED))
    assert (str(entry.gained), str(entry.lost), entry.cause, entry.cause_ref) == (SPRING, "{}", "notice", "sopa evt-1")
    assert (entry.change, entry.rule_version) == ("begins", 1)
    assert (note.key, note.payload) == (str(anna.id), {"person_id": str(anna.id), "gained": True, "lost": False})


async def test_t04_a_renewal_before_expiry_gives_one_continuous_grant(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    await anna.state(fact("needy", first="2026-05-15", end="2026-09-01"))
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-09-01)}")}
    async with transaction(CLERK) as tx:
        newest, _ = await store.entitlement_log(tx, anna.id)
    assert (str(newest.gained), str(newest.lost)) == ("{[2026-06-01,2026-09-01)}", "{}")


async def test_a_renewal_that_begins_the_day_after_is_continuous_too(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"), fact("low_income", first="2026-06-01", end="2026-09-01"))
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-09-01)}")}


async def test_a_backdated_revocation_shortens_the_grant_and_logs_the_lost_days(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    with clock.moved(datetime(2026, 5, 15, 9, tzinfo=UTC)):
        done = await anna.state(
            fact("needy", record_id="d-1", version=2, end="2026-05-01"), cause=Cause("notice", "e-2")
        )
    assert str(done.diffs[0].lost) == "{[2026-05-01,2026-06-01)}"
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-05-01)}")}
    async with transaction(CLERK) as tx:
        newest, _ = await store.entitlement_log(tx, anna.id)
        notes = await tx.session.scalars(select(OutboxEntry).order_by(OutboxEntry.id.desc()))
        assert next(iter(notes)).payload["lost"]
    assert (str(newest.lost), newest.cause_ref) == ("{[2026-05-01,2026-06-01)}", "e-2")


async def test_a_withdrawn_status_takes_the_right_and_its_row_away(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    done = await anna.state(fact("needy", record_id="d-1", version=2, op="withdraw"))
    assert str(done.diffs[0].lost) == SPRING
    assert await anna.granted() == {}


async def test_a_record_that_turns_into_another_status_moves_the_rights(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    done = await anna.state(fact("disability", "II", record_id="d-1", version=2))
    assert {diff.rule_code for diff in done.diffs} == {"JLG-NEEDY20", "LV-DIS-1-2"}
    assert await anna.granted() == {"LV-DIS-1-2": days(SPRING)}


async def test_the_same_statement_again_and_a_newer_one_of_the_same_content_leave_no_trace(somebody: Make) -> None:
    anna = await somebody()
    first = fact("needy", record_id="d-1")
    await anna.state(first)
    assert not (await anna.state(first)).changed
    assert not (await anna.state(fact("needy", record_id="d-1", version=2))).changed
    async with transaction(CLERK) as tx:
        assert len(await store.entitlement_log(tx, anna.id)) == 1


async def test_a_fact_without_effect_changes_no_entitlement(somebody: Make) -> None:
    anna = await somebody()
    done = await anna.state(fact("disability", "III"))
    assert done.changed
    assert done.diffs == ()


async def test_facts_and_grants_come_together_or_not_at_all(somebody: Make) -> None:
    anna = await somebody()
    with pytest.raises(FactValueUnknown):
        await anna.state(fact("needy"), fact("disability", "IV"))
    await anna.state(fact("orphan", record_id="d-1", version=3))
    with pytest.raises(FactStale):
        await anna.state(fact("needy"), fact("orphan", record_id="d-1", version=2))
    assert await anna.granted() == {}
    async with transaction(CLERK) as tx:
        assert await store.entitlement_log(tx, anna.id) == []


async def test_nobody_is_granted_anything_twice_or_elsewhere(somebody: Make, town: Actor) -> None:
    anna = await somebody()
    riga = Actor("staff", "clerk-2", "Clerk", 3)
    async with transaction(riga) as tx:
        with pytest.raises(PersonUnknown):
            await service.record_and_regrant(tx, anna.id, [fact("needy")], NOTICE)
    boris = await somebody_of(riga, date(1980, 1, 1))
    await boris.state(fact("needy"), fact("disability", "I"))
    assert await boris.granted() == {"LV-DIS-1-2": days(SPRING)}
    async with transaction(town) as tx:
        assert await granted(tx, boris.id) == {}


async def test_rights_end_on_the_day_of_death(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"), fact("disability", "I", first="2020-01-01", end=None))
    with clock.moved(datetime(2026, 4, 20, 12, tzinfo=UTC)):
        async with transaction(CLERK) as tx:
            await register.record_death(tx, anna.id, date(2026, 4, 10))
            await service.regrant(tx, anna.id, Cause("death", "e-9"))
    until = {code: list(periods)[-1].end for code, periods in (await anna.granted()).items()}
    assert set(until) == {"JLG-NEEDY20", "LV-DIS-1-2"}
    assert set(until.values()) == {date(2026, 4, 10)}


async def test_next_change_is_the_first_day_after_today_on_which_the_right_begins_or_ends(somebody: Make) -> None:
    anna = await somebody()
    with clock.moved(datetime(2026, 4, 1, 21, 30, tzinfo=UTC)):  # 2 April in Riga
        await anna.state(fact("needy"), fact("needy", first="2026-08-01", end="2026-09-01"))
    async with transaction(CLERK) as tx:
        [view] = await store.entitlements_of(tx, anna.id)
    assert view.next_change == date(2026, 6, 1)


async def test_a_list_grants_while_the_person_is_on_it(somebody: Make) -> None:
    anna = await somebody()
    rule = service.RuleDraft("JLG-REPR20", "JLG-REPR20", {"member": {"group": "choir"}}, "clause", date(2021, 1, 1))
    async with transaction(Actor("system", "test", "test", CLERK.municipality_id)) as tx:
        await register.define_group(tx, GroupDraft("choir", "koris", "choir"))
        await service.publish_rule(tx, rule)
        cause = Cause("list", "choir")
        joined = await service.join_and_regrant(tx, anna.id, "choir", date(2026, 1, 1), None, cause)
        assert await service.join_and_regrant(tx, anna.id, "choir", date(2026, 2, 1), None, cause) == []
        left = await service.leave_and_regrant(tx, anna.id, "choir", date(2026, 7, 1), cause)
    assert [str(diff.gained) for diff in joined] == ["{[2026-01-01,)}"]
    assert [str(diff.lost) for diff in left] == ["{[2026-07-01,)}"]
    assert await anna.granted() == {"JLG-REPR20": days("{[2026-01-01,2026-07-01)}")}


async def test_two_events_about_one_person_at_once_end_as_if_one_came_after_the_other(somebody: Make) -> None:
    anna = await somebody()
    months = [("2026-03-01", "2026-04-01"), ("2026-04-01", "2026-05-01"), ("2026-05-01", "2026-06-01")]
    await asyncio.gather(*(anna.state(fact("needy", first=first, end=end)) for first, end in months))
    assert await anna.granted() == {"JLG-NEEDY20": days(SPRING)}
    async with transaction(CLERK) as tx:
        log = await store.entitlement_log(tx, anna.id)
    assert len(log) == 3
    assert union(entry.gained for entry in log) == days(SPRING)


async def test_the_log_cannot_be_rewritten_by_the_application(somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    for statement in ("UPDATE entitlement_log SET cause = 'x'", "DELETE FROM entitlement_log"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(CLERK) as tx:
                await tx.session.execute(text(statement))


_KINDS = [("needy", "yes"), ("low_income", "yes"), ("disability", "I"), ("disability", "III"), ("orphan", "yes"),
          ("repressed", "yes"), ("resistance", "yes"), ("studying", "yes"), ("studying", "no")]  # fmt: skip
_EDGES = [
    "2006-02-28",
    "2024-02-29",
    "2024-03-01",
    "2024-03-23",
    "2026-03-01",
    "2026-05-31",
    "2026-06-01",
    "2027-01-02",
]


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[str, str, str, str, str | None, str]]]:
    """Batches of (record, kind, value, first, end, op); versions are given in order of arrival."""
    edges = st.lists(st.sampled_from(_EDGES), min_size=2, max_size=2, unique=True).map(sorted)
    one = st.tuples(st.sampled_from("abc"), st.sampled_from(_KINDS), edges, st.booleans(), st.sampled_from("uuuw"))
    drawn = draw(st.lists(st.lists(one, min_size=1, max_size=2), min_size=1, max_size=5))
    return [
        [
            (record, *kind, first, None if open_ended else end, "withdraw" if op == "w" else "upsert")
            for record, kind, (first, end), open_ended, op in batch
        ]
        for batch in drawn
    ]


async def _play(person: Somebody, history: list[list[tuple[str, str, str, str, str | None, str]]]) -> None:
    version = 0
    for batch in history:
        changes: list[FactChange] = []
        for record, kind, value, first, end, op in batch:
            version += 1
            changes.append(fact(kind, value, first, end, record_id=f"{person.id}-{record}", version=version, op=op))
        await person.state(*changes)


async def _from_log(person_id: UUID) -> dict[UUID, Days]:
    async with transaction(CLERK) as tx:
        query = select(EntitlementLog).where(EntitlementLog.person_id == person_id).order_by(EntitlementLog.id)
        entries = list(await tx.session.scalars(query))
    replayed: dict[UUID, Days] = {}
    for entry in entries:
        replayed[entry.rule_id] = (replayed.get(entry.rule_id, EMPTY) | entry.gained) - entry.lost
    return {rule_id: left for rule_id, left in replayed.items() if left}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(histories(), st.sampled_from([date(1950, 1, 1), date(2008, 2, 29), date(2012, 6, 1)]))
async def test_after_any_history_the_increments_equal_a_full_rebuild_and_the_replayed_log(
    town: Actor, history: list[list[tuple[str, str, str, str, str | None, str]]], born: date
) -> None:
    person = await somebody_of(town, born)
    await _play(person, history)
    stepwise = await person.granted()
    async with transaction(CLERK) as tx:
        assert await service.regrant(tx, person.id, Cause("rebuild", "")) == []
        ids = {one.rule_id: one.periods for one in await store.entitlements_of(tx, person.id)}
        assert ids == await _from_log(person.id)
        await tx.session.execute(text("DELETE FROM entitlement WHERE person_id = :id"), {"id": person.id})
        tx.session.expunge_all()
        await service.regrant(tx, person.id, Cause("rebuild", ""))
        assert await granted(tx, person.id) == stepwise

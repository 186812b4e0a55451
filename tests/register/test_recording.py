"""Recording facts: what is believed when."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service, store
from amis.register.errors import (
    FactContradicts,
    FactKindUnknown,
    FactMalformed,
    FactNumberMisplaced,
    FactOfAnother,
    FactStale,
    FactValueUnknown,
    PersonUnknown,
)
from amis.register.service import FactChange, PersonDraft
from rules.evaluate import FactPeriod
from rules.period import Period
from rules.vocabulary import FactKind
from sync.personal_code import draw_newer

NEEDY = FactChange("needy", "yes", date(2026, 3, 1), date(2026, 6, 1), "sopa", "r-1", 1, decision={"number": "7"})
START = datetime(2026, 1, 1, tzinfo=UTC)


async def _somebody(tx: Transaction) -> UUID:
    return await service.enrol(tx, PersonDraft(draw_newer(random.Random())))


async def _believed(tx: Transaction, person_id: UUID, at: datetime | None = None) -> list[FactPeriod]:
    facts = (await store.person_facts(tx, person_id, at)).facts
    return [replace(fact, ref="") for fact in facts]


async def test_a_fact_once_stated_is_believed_and_repeating_it_changes_nothing(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        assert await service.record(tx, person_id, NEEDY)
        assert not await service.record(tx, person_id, NEEDY)
        [fact] = await store.facts_timeline(tx, person_id)
        assert await _believed(tx, person_id) == [
            FactPeriod("needy", "yes", Period(date(2026, 3, 1), date(2026, 6, 1)), "")
        ]
    assert (fact.source, fact.record_id, fact.version, fact.decision) == ("sopa", "r-1", 1, {"number": "7"})


async def test_a_newer_version_of_the_same_content_is_kept_and_changes_nothing_for_the_person(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        await service.record(tx, person_id, NEEDY)
        assert not await service.record(tx, person_id, replace(NEEDY, version=5))
        [fact] = await store.facts_timeline(tx, person_id)
        assert fact.version == 5
        with pytest.raises(FactStale):
            await service.record(tx, person_id, replace(NEEDY, version=4, valid_to=None))


async def test_what_was_replaced_stays_in_the_history(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        await service.record(replace(tx, at=START), person_id, NEEDY)
        await service.record(
            replace(tx, at=START + timedelta(days=1)), person_id, replace(NEEDY, version=2, op="withdraw")
        )
        assert await _believed(tx, person_id) == []
        assert len(await _believed(tx, person_id, START)) == 1
        assert await _believed(tx, person_id, START - timedelta(seconds=1)) == []
        [fact] = await store.facts_timeline(tx, person_id, superseded=True)
    assert (fact.recorded_to, fact.closed_version) == (START + timedelta(days=1), 2)


async def test_facts_of_one_kind_may_overlap(town: Actor) -> None:
    longer = replace(NEEDY, record_id="r-2", valid_from=date(2026, 5, 1), valid_to=None)
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        assert await service.record(tx, person_id, NEEDY)
        assert await service.record(tx, person_id, longer)
        assert len(await _believed(tx, person_id)) == 2


IMPOSSIBLE = [
    (replace(NEEDY, kind="rich"), FactKindUnknown),
    (replace(NEEDY, value="no"), FactValueUnknown),
    (replace(NEEDY, kind="residence", value=""), FactValueUnknown),
    (replace(NEEDY, valid_to=date(2026, 7, 1)), FactContradicts),
]


async def test_a_statement_that_cannot_be_is_refused_by_name(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        await service.record(tx, person_id, NEEDY)
        for change, error in IMPOSSIBLE:
            with pytest.raises(error):
                await service.record(tx, person_id, change)
        assert len(await store.facts_timeline(tx, person_id, superseded=True)) == 1


async def test_a_record_stays_with_its_person(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.record(tx, await _somebody(tx), NEEDY)
        with pytest.raises(FactOfAnother):
            await service.record(tx, await _somebody(tx), replace(NEEDY, version=2))
        with pytest.raises(PersonUnknown):
            await service.record(tx, uuid4(), replace(NEEDY, record_id="r-2"))


async def test_recorded_time_never_runs_backwards_within_a_record(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        await service.record(replace(tx, at=START), person_id, NEEDY)
        earlier = replace(tx, at=START - timedelta(seconds=1))
        assert await service.record(earlier, person_id, replace(NEEDY, version=2, valid_to=None))
        assert [fact.period.end for fact in await _believed(tx, person_id, START)] == [None]


async def test_the_application_cannot_rewrite_what_was_stated(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.record(tx, await _somebody(tx), NEEDY)
    for statement in ("UPDATE fact SET value = 'no'", "DELETE FROM fact"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(town) as tx:
                await tx.session.execute(text(statement))


async def test_each_change_leaves_one_audit_leaf(town: Actor, owner_connection: AsyncConnection) -> None:
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        await service.record(tx, person_id, NEEDY)
        await service.record(tx, person_id, NEEDY)
        await service.record(tx, person_id, replace(NEEDY, version=2, op="withdraw"))
    rows = await owner_connection.execute(
        "SELECT action, before->>'version', after->>'version' FROM audit WHERE action LIKE 'fact.%' ORDER BY id"
    )
    assert await rows.fetchall() == [("fact.record", None, "1"), ("fact.withdraw", "1", "2")]


INCOME = FactChange("income", "", date(2026, 1, 1), None, "sopa", "i-1", 1, num=Decimal("377.5"))


async def test_a_fact_with_a_number_keeps_it_exactly_and_is_the_same_with_zeros_behind(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.define_fact_kind(tx, FactKind("income", numeric=True))
        person_id = await _somebody(tx)
        assert await service.record(tx, person_id, INCOME)
        assert not await service.record(tx, person_id, replace(INCOME, num=Decimal("377.5000")))
        assert not await service.record(tx, person_id, replace(INCOME, version=2))
        assert await service.record(tx, person_id, replace(INCOME, version=3, num=Decimal("-0.0001")))
        [fact] = await _believed(tx, person_id)
        assert (fact.value, fact.num) == ("-0.0001", Decimal("-0.0001"))


MISPLACED = [
    (replace(INCOME, num=None, value="377"), FactNumberMisplaced),
    (replace(NEEDY, num=Decimal(1)), FactNumberMisplaced),
    (replace(INCOME, num=Decimal("0.00001")), FactMalformed),
    (replace(INCOME, num=Decimal("NaN")), FactMalformed),
    (replace(INCOME, num=Decimal(10) ** 10), FactMalformed),
    (replace(INCOME, num=Decimal(10) ** 40), FactMalformed),
]


async def test_a_number_where_none_belongs_or_that_cannot_be_kept_is_refused(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.define_fact_kind(tx, FactKind("income", numeric=True))
        person_id = await _somebody(tx)
        for change, error in MISPLACED:
            with pytest.raises(error):
                await service.record(tx, person_id, change)


BOUNDARIES = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 6, 1)]


@dataclass(frozen=True)
class Statement:
    """One thing a source says at an hour; records and versions come from a small pool, so that they meet."""

    record: int
    version: int
    op: str
    start: int
    open_ended: bool

    def change(self, run: str) -> FactChange:
        end = None if self.open_ended else BOUNDARIES[self.start + 1]
        name = f"{run}-{self.record}"
        op = "upsert" if self.op == "upsert" else "withdraw"
        return FactChange("needy", "yes", BOUNDARIES[self.start], end, "sopa", name, self.version, op)


statements = st.builds(
    Statement,
    st.integers(0, 1),
    st.integers(1, 4),
    st.sampled_from(["upsert", "upsert", "withdraw"]),
    st.integers(0, 2),
    st.booleans(),
)


def _model(history: list[Statement], count: int) -> set[tuple[date, date | None, int]]:
    """The newest version of each record wins; a withdrawal of nothing is nothing."""
    newest: dict[int, Statement] = {}
    for said in history[:count]:
        known = newest.get(said.record)
        if (known is None and said.op == "upsert") or (known is not None and said.version > known.version):
            newest[said.record] = said
    changes = [(said, said.change("")) for said in newest.values() if said.op == "upsert"]
    return {(change.valid_from, change.valid_to, said.record) for said, change in changes}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(statements, max_size=10))
async def test_any_history_as_recorded_at_any_hour_equals_the_newest_versions_said_until_then(
    town: Actor, history: list[Statement]
) -> None:
    run = uuid4().hex
    async with transaction(town) as tx:
        person_id = await _somebody(tx)
        for hour, said in enumerate(history):
            try:
                await service.record(replace(tx, at=START + timedelta(hours=hour)), person_id, said.change(run))
            except (FactStale, FactContradicts):
                continue
        for hour in range(len(history)):
            facts = await store.person_facts(tx, person_id, START + timedelta(hours=hour, minutes=1))
            found = {(fact.period.start, fact.period.end) for fact in facts.facts}
            expected = _model(history, hour + 1)
            assert len(facts.facts) == len(expected)
            assert found == {(start, end) for start, end, _ in expected}

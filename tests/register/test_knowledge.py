"""What the register tells the rules of a person is what was put into it, relatives and numbers included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import service, store
from amis.register.errors import PersonUnknown
from amis.register.kinship import INVERSE
from amis.register.law import Step
from amis.register.service import FactChange, GroupDraft
from rules.compile import Tables, both
from rules.condition import All, Any, Condition, Count, Has, Member, Not, Num, Param, Related
from rules.evaluate import evaluate
from rules.period import Days, Period
from rules.person import FactPeriod, PersonFacts, RelatedPerson
from rules.vocabulary import FactKind, Vocabulary
from tests.register.persons import JANUARY, MARCH, persons

_records = count(1)
BORN = (date(2012, 3, 1), date(1984, 5, 17), None)


@dataclass(frozen=True)
class Stated:
    """Something about one of three persons (or two of them) on some days."""

    one: int
    what: str
    other: int
    period: Period
    num: Decimal = Decimal(0)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = JANUARY + timedelta(days=draw(st.integers(0, 6)))
    length = draw(st.none() | st.integers(1, 4))
    return Period(start, None if length is None else start + timedelta(days=length))


WORDS = ("needy", "income", "veterans", "child", "spouse", "ward", "household")
stated = st.builds(
    Stated,
    st.integers(0, 2),
    st.sampled_from(WORDS),
    st.integers(1, 2),
    periods(),
    st.sampled_from([Decimal("300.5"), Decimal(377), Decimal(400)]),
)
_leaves: list[Condition] = [
    Has("needy"),
    Member("veterans"),
    Member("helped"),
    Num("income", "le", Param("threshold")),
    *(Related(relation) for relation in INVERSE),
    Related("child", Related("guardian", Has("needy"))),
    Count("household", "ge", 2, Num("income", "lt", Decimal(400))),
]


def _grown(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=2).map(tuple)
    within = st.builds(Related, st.sampled_from(["parent", "household"]), parts)
    return st.one_of(st.builds(All, several), st.builds(Any, several), st.builds(Not, parts), within)


conditions = st.recursive(st.sampled_from(_leaves), _grown, max_leaves=3)


async def _words(tx: Transaction) -> None:
    await service.define_fact_kind(tx, FactKind("income", numeric=True))
    await service.define_group(tx, GroupDraft("veterans", "Veterāni", "Veterans"))
    helped = {"any": [{"has": {"fact": "needy"}}, {"related": {"relation": "spouse"}}]}
    await service.define_group(tx, GroupDraft("helped", "Atbalstāmie", "Helped", helped))
    await service.define_figure(tx, "parameter", "threshold", Step(Period(JANUARY, MARCH), Decimal("377")))


async def _put(tx: Transaction, ids: Sequence[UUID], homes: Sequence[UUID], said: Stated) -> None:
    one, other = ids[said.one], ids[(said.one + said.other) % 3]
    first, end = said.period.start, said.period.end
    assert first is not None
    if said.what in ("needy", "income"):
        number = said.num if said.what == "income" else None
        value = "yes" if number is None else ""
        record = f"k-{next(_records)}"
        await service.record(tx, one, FactChange(said.what, value, first, end, "test", record, 1, num=number))
    elif said.what == "veterans":
        await service.join_group(tx, one, "veterans", first, end)
    elif said.what == "household":
        await service.join_household(tx, one, homes[said.other - 1], first, end, "test")
    else:
        await service.relate(tx, one, said.what, other, first, end, "test")


def _model(world: Sequence[Stated], one: int, depth: int, born: Sequence[date | None]) -> PersonFacts:
    """The same person, written down independently of the database."""
    facts = tuple(
        FactPeriod(said.what, "yes", said.period, "", said.num if said.what == "income" else None)
        for said in world
        if said.one == one and said.what in ("needy", "income")
    )
    listed = Days.of(*(said.period for said in world if said.one == one and said.what == "veterans"))
    near = [] if depth == 0 else [*_relations(world, one), *_household(world, one)]
    relations = tuple(
        RelatedPerson(kind, period, _model(world, other, depth - 1, born), str(other)) for kind, other, period in near
    )
    return PersonFacts(born[one], None, facts, {"veterans": listed}, relations)


def _relations(world: Sequence[Stated], one: int) -> list[tuple[str, int, Period]]:
    pairs = [(said, (said.one + said.other) % 3) for said in world if said.what in ("child", "spouse", "ward")]
    own = [(said.what, other, said.period) for said, other in pairs if said.one == one]
    return own + [(INVERSE[said.what], said.one, said.period) for said, other in pairs if other == one]


def _household(world: Sequence[Stated], one: int) -> list[tuple[str, int, Period]]:
    members = [said for said in world if said.what == "household"]
    return [
        ("household", theirs.one, period)
        for own in members
        for theirs in members
        if own.one == one and theirs.one != one and own.other == theirs.other
        for period in Days.of(own.period) & Days.of(theirs.period)
    ]


_NOW = """
WITH facts_now AS (
    SELECT person_id, kind, value, num, daterange(valid_from, valid_to) AS valid FROM fact WHERE recorded_to IS NULL
), members_now AS (
    SELECT m.person_id, g.code AS grp, daterange(m.valid_from, m.valid_to) AS valid
    FROM membership m JOIN person_group g ON g.id = m.group_id WHERE m.recorded_to IS NULL
)
"""
TABLES = Tables("person", "facts_now", "members_now", "relation_seen")


async def _by_sql(tx: Transaction, condition: Condition, words: Vocabulary) -> dict[UUID, tuple[Days, Days]]:
    query = both(condition, words, TABLES)
    connection = await tx.session.connection()
    statement = f"{_NOW} SELECT id, holds::text, fails::text FROM ({query.text}) AS c"  # noqa: S608  # names fixed here
    rows = await connection.exec_driver_sql(statement, query.values)
    return {row[0]: (Days.parse(row[1]), Days.parse(row[2])) for row in rows}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=st.lists(stated, max_size=9), condition=conditions)
async def test_the_register_answers_a_condition_as_the_same_world_does_in_python_and_in_sql(
    town: Actor, world: list[Stated], condition: Condition
) -> None:
    async with transaction(town) as tx:
        await _words(tx)
        ids = await persons(tx, 3)
        for person_id, born in zip(ids, BORN, strict=True):
            (await store.get_person(tx, person_id)).born = born
        homes = [await service.open_household(tx) for _ in range(2)]
        for said in world:
            await _put(tx, ids, homes, said)
        words = await store.vocabulary(tx)
        by_sql = await _by_sql(tx, condition, words)
        for one, person_id in enumerate(ids):
            expected = evaluate(condition, _model(world, one, 4, BORN), words)
            known = await store.person_facts(tx, person_id, depth=4)
            assert evaluate(condition, known, words) == expected
            assert by_sql[person_id] == (expected.true, expected.false)
        await tx.session.rollback()


async def test_relatives_are_known_as_deep_as_asked_and_no_deeper(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis, oskars = await persons(tx, 3)
        await service.relate(tx, anna, "child", janis, JANUARY, None, "clerk")
        await service.relate(tx, janis, "child", oskars, JANUARY, None, "clerk")
        assert (await store.person_facts(tx, anna, depth=0)).relations == ()
        [child] = (await store.person_facts(tx, anna, depth=1)).relations
        assert (child.relation, child.who, child.person.relations) == ("child", str(janis), ())
        [child] = (await store.person_facts(tx, anna)).relations
        assert {one.relation: one.who for one in child.person.relations} == {"child": str(oskars), "parent": str(anna)}


async def test_a_large_household_is_read_in_a_few_queries(town: Actor) -> None:
    async with transaction(town) as tx:
        home = await service.open_household(tx)
        ids = await persons(tx, 12)
        for person_id in ids:
            await service.join_household(tx, person_id, home, JANUARY, None, "sopa")
        asked: list[str] = []

        def note(*call: object) -> None:
            asked.append(str(call[2]))

        event.listen((await tx.session.connection()).sync_connection, "before_cursor_execute", note)
        known = await store.person_facts(tx, ids[0], depth=3)
        assert len(known.relations[0].person.relations[0].person.relations) == len(ids) - 1
        assert len(asked) <= 6


async def test_nobody_is_known_of_whom_there_is_no_person(town: Actor) -> None:
    async with transaction(town) as tx:
        with pytest.raises(PersonUnknown):
            await store.person_facts(tx, UUID(int=1))


async def test_relations_are_known_as_they_were_believed(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await persons(tx, 2)
        before = tx.at - timedelta(seconds=1)
        await service.relate(tx, anna, "ward", janis, JANUARY, MARCH, "court")
        assert (await store.person_facts(tx, anna, before)).relations == ()
        [ward] = (await store.person_facts(tx, anna, tx.at)).relations
        assert ward.period == Period(JANUARY, MARCH)

"""Conditions in PostgreSQL give every person the same days as in Python."""

from collections.abc import Callable, Iterator
from datetime import date

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from amis.kernel import postgres
from rules.compile import Tables, both, certain
from rules.condition import Age, All, Any, Condition, Has, Held, Member, Not, canonical
from rules.errors import UnknownWord
from rules.evaluate import FactPeriod, PersonFacts, evaluate
from rules.period import EMPTY, Days, Period
from tests.rules import register
from tests.rules.draws import KINDS, LEAVES, conditions, persons


@pytest.fixture(scope="module")
def connection(cluster: postgres.Cluster, make_database: Callable[..., str]) -> Iterator[Connection]:
    address = postgres.url(cluster, "amis_owner", make_database()).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as made:
        register.build(made)
        yield made


def same_days(connection: Connection, condition: Condition, people: list[PersonFacts]) -> None:
    ids = register.fill(connection, people)
    full = register.answers(connection, both(condition, KINDS))
    sure = register.answers(connection, certain(condition, KINDS))
    for own, person in zip(ids, people, strict=True):
        truth = evaluate(condition, person, KINDS)
        assert full[own] == (truth.true, truth.false)
        assert sure.get(own, (EMPTY,)) == (truth.true,)


populations = st.lists(persons, min_size=1, max_size=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions, populations)
def test_sql_and_python_agree_on_random_rules_and_populations(
    connection: Connection, condition: Condition, people: list[PersonFacts]
) -> None:
    same_days(connection, condition, people)


@pytest.mark.parametrize("leaf", LEAVES, ids=canonical)
def test_sql_and_python_agree_on_every_leaf(connection: Connection, leaf: Condition) -> None:
    @settings(max_examples=8)
    @given(populations)
    def agree(people: list[PersonFacts]) -> None:
        same_days(connection, leaf, people)

    agree()


@given(conditions)
def test_no_word_of_a_condition_stands_in_the_text_of_its_query(condition: Condition) -> None:
    for query in (certain(condition, KINDS), both(condition, KINDS)):
        assert all(f"%({name})s::" in query.text for name in query.values)
        words = {value for value in query.values.values() if isinstance(value, str)} - {"{(,)}"}
        assert not [word for word in words if f"'{word}'" in query.text]


def test_the_tables_are_those_of_the_caller() -> None:
    names = Tables("rules.people", "facts_now", "lists", "kin")
    text = certain(LEAVES[0], KINDS, names).text
    assert text.count("facts_now") == 2
    assert text.count("rules.people p") == 1


@pytest.mark.parametrize("name", ["", "Person", "a.b.c", "a b", 'a"', "a;drop", "1a", "a-b", "a\n"])
def test_a_name_that_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownWord) as caught:
        Tables(fact=name)
    assert caught.value.place == "/fact"


def test_persons_without_what_a_rule_needs_are_left_out_of_the_certain_days(connection: Connection) -> None:
    needy = FactPeriod("needy", None, Period(date(2026, 3, 1), date(2026, 6, 1)), "d")
    ids = register.fill(connection, [PersonFacts(None, facts=(needy,)), PersonFacts(None)])
    rule = All((Held(Has("needy"), 1), Any((Age("ge", 18), Not(Member("repressed"))))))
    assert register.answers(connection, certain(rule, KINDS)) == {ids[0]: (Days.parse("{[2026-04-01,2026-06-01)}"),)}
    either = Any((Has("needy"), Not(Has("needy"))))
    assert set(register.answers(connection, certain(either, KINDS))) == set(ids)

"""Conditions as sets of days, against the C++ implementation of the Common Expression Language."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.condition import Condition, Count, Related, canonical
from rules.evaluate import PersonFacts, evaluate
from tests.rules.draws import EVERY_DAY_NEAR, KINDS, LEAVES, OPS, logic, persons
from tests.rules.oracle import Oracle, of_one_instant

_RELATIONS = st.sampled_from(["child", "guardian"])


def _of_relatives(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.builds(Related, _RELATIONS, parts) | st.builds(
        Count, _RELATIONS, st.sampled_from(OPS), st.integers(0, 2), parts
    )


of_an_instant = st.recursive(
    st.sampled_from([leaf for leaf in LEAVES if of_one_instant(leaf, KINDS)]),
    lambda parts: logic(parts) | _of_relatives(parts),
    max_leaves=6,
)


def agree(condition: Condition, person: PersonFacts, days: list[date]) -> None:
    oracle, truth = Oracle(condition, KINDS), evaluate(condition, person, KINDS)
    for day in days:
        assert truth.at(day) is oracle.at(person, day), (day, oracle.text)


@settings(max_examples=40)
@given(of_an_instant, persons)
def test_sets_of_days_equal_cel_on_each_day(condition: Condition, person: PersonFacts) -> None:
    agree(condition, person, EVERY_DAY_NEAR)


@pytest.mark.parametrize("leaf", [leaf for leaf in LEAVES if of_one_instant(leaf, KINDS)], ids=canonical)
def test_every_leaf_equals_cel(leaf: Condition) -> None:
    @settings(max_examples=15)
    @given(persons)
    def each(person: PersonFacts) -> None:
        agree(leaf, person, EVERY_DAY_NEAR)

    each()

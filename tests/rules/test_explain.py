"""Why a condition holds, and the nearest way to qualify."""

from datetime import date
from decimal import Decimal
from itertools import combinations

from hypothesis import given, settings

from rules.condition import (
    Age,
    All,
    Any,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
    walk,
)
from rules.evaluate import FactPeriod, PersonFacts, RelatedPerson, day_sets, evaluate
from rules.explain import Flip, explain
from rules.period import Period
from tests.rules.draws import KINDS, conditions, logic_of_facts, persons

MAY = date(2026, 5, 10)
NEEDY_SPRING = FactPeriod("needy", None, Period(date(2026, 3, 1), date(2026, 6, 1)), "decision-7")
GROUP_2 = FactPeriod("disability", "II", Period(date(2025, 1, 1), None), "decision-8")
ADULT = PersonFacts(date(1990, 1, 1), facts=(NEEDY_SPRING, GROUP_2))


def test_a_right_that_holds_names_the_facts_it_rests_on() -> None:
    answer = explain(All((Has("needy"), Has("disability", frozenset({"I", "II"})))), ADULT, KINDS, MAY)
    assert answer.holds is True
    assert answer.tree.because == ("decision-7", "decision-8")
    assert answer.nearest == ()
    assert [str(part.truth.true) for part in answer.tree.children] == ["{[2026-03-01,2026-06-01)}", "{[2025-01-01,)}"]


def test_one_way_is_enough_for_any_and_the_others_are_not_blamed() -> None:
    answer = explain(Any((Has("needy"), Member("repressed"))), ADULT, KINDS, MAY)
    assert answer.tree.because == ("decision-7",)
    assert [part.holds for part in answer.tree.children] == [True, False]


def test_a_refusal_names_the_fact_with_the_other_value() -> None:
    answer = explain(Has("disability", frozenset({"I"})), ADULT, KINDS, MAY)
    assert answer.holds is False
    assert answer.tree.because == ("decision-8",)


def test_what_is_missing_is_named() -> None:
    answer = explain(All((Has("needy"), Has("study"))), ADULT, KINDS, MAY)
    assert answer.holds is None
    assert answer.tree.missing == ("study",)
    assert explain(Age("ge", 18), PersonFacts(None), KINDS, MAY).tree.missing == ("born",)


def test_the_nearest_way_is_the_one_with_the_fewest_changes() -> None:
    condition = Any((All((Member("repressed"), Has("study"))), Has("disability", frozenset({"I"}))))
    answer = explain(condition, ADULT, KINDS, MAY)
    assert answer.nearest == (Flip(Has("disability", frozenset({"I"})), True, None),)


def test_a_flip_that_comes_by_itself_tells_its_day() -> None:
    child = PersonFacts(date(2008, 5, 20))
    assert explain(Age("ge", 18), child, KINDS, MAY).nearest == (Flip(Age("ge", 18), True, date(2026, 5, 20)),)
    early = explain(Has("needy"), ADULT, KINDS, date(2026, 2, 1))
    assert early.nearest == (Flip(Has("needy"), True, date(2026, 3, 1)),)


def test_what_time_has_taken_away_is_no_way_to_qualify() -> None:
    assert explain(Age("lt", 18), ADULT, KINDS, MAY).nearest is None
    past = During(Period(date(2020, 1, 1), date(2021, 1, 1)))
    assert explain(All((Has("needy"), past)), ADULT, KINDS, MAY).nearest is None
    dead = PersonFacts(date(1950, 1, 1), died=date(2026, 5, 1), facts=(NEEDY_SPRING,))
    assert explain(Has("needy"), dead, KINDS, MAY).nearest is None


def test_a_contradiction_has_no_way_and_an_exception_has_to_go() -> None:
    assert explain(All((Has("needy"), Not(Has("needy")))), ADULT, KINDS, MAY).nearest is None
    answer = explain(Except(Has("needy"), Has("disability", frozenset({"II"}))), ADULT, KINDS, MAY)
    assert answer.nearest == (Flip(Has("disability", frozenset({"II"})), False, None),)


def test_a_grace_rests_on_the_fact_that_has_ended() -> None:
    answer = explain(Grace(Has("needy"), 1), ADULT, KINDS, date(2026, 6, 10))
    assert answer.holds is True
    assert answer.tree.because == ("decision-7",)


INCOME = FactPeriod("income", None, Period(date(2026, 1, 1), None), "decision-9", Decimal(60))
CHILD = PersonFacts(date(2015, 1, 1), facts=(FactPeriod("needy", None, Period(None, None), "of-child"),))


def test_a_number_rests_on_the_facts_that_fit_and_lacks_the_fact_or_the_figure() -> None:
    poor = PersonFacts(date(1990, 1, 1), facts=(INCOME, *ADULT.facts))
    assert explain(Num("income", "le", Decimal(60)), poor, KINDS, MAY).tree.because == ("decision-9",)
    assert explain(Num("income", "gt", Decimal(60)), poor, KINDS, MAY).tree.because == ("decision-9",)
    limited = Num("income", "le", Param("threshold"))
    unset = explain(limited, poor, KINDS, MAY)
    assert (unset.holds, unset.tree.missing, unset.tree.because) == (None, ("threshold",), ("decision-9",))
    assert explain(limited, ADULT, KINDS, MAY).tree.missing == ("income",)


def test_an_age_that_the_law_does_not_set_is_named() -> None:
    assert explain(Age("ge", Cohort("pension")), ADULT, KINDS, MAY).tree.missing == ("pension",)
    assert explain(Age("ge", Param("majority")), ADULT, KINDS, date(2027, 5, 10)).tree.missing == ("majority",)


def test_relatives_are_explained_apart_and_none_of_their_facts_is_among_the_person_s() -> None:
    parent = PersonFacts(date(1990, 1, 1), relations=(RelatedPerson("child", Period(None, None), CHILD, "c-1"),))
    for node in (Related("child", Has("needy")), Count("child", "ge", 1, Has("needy"))):
        tree = explain(Held(node, 1), parent, KINDS, MAY).tree.children[0]
        assert (tree.holds, tree.because, tree.children) == (True, (), ())
        assert [(one.who, one.tree.because) for one in tree.relatives] == [("c-1", ("of-child",))]


def test_what_is_missing_of_a_relative_is_named() -> None:
    parent = PersonFacts(date(1990, 1, 1), relations=(RelatedPerson("child", Period(None, None), CHILD, "c-1"),))
    answer = explain(Count("child", "ge", 1, Has("study")), parent, KINDS, MAY)
    assert (answer.holds, answer.tree.missing) == (None, ("study",))
    assert answer.nearest == (Flip(Count("child", "ge", 1, Has("study")), True, None),)


def test_what_was_missing_on_earlier_days_is_named_where_it_still_matters() -> None:
    later = FactPeriod("study", "day", Period(date(2026, 5, 1), None), "s")
    answer = explain(Held(Has("study"), 1), PersonFacts(date(1990, 1, 1), facts=(later,)), KINDS, MAY)
    assert (answer.holds, answer.tree.missing) == (None, ("study",))


def test_a_group_by_condition_shows_its_condition_and_the_way_into_it() -> None:
    helped = explain(Member("helped"), ADULT, KINDS, MAY)
    assert (helped.holds, helped.tree.because) == (True, ("decision-7",))
    assert helped.tree.children[0].node == KINDS.definitions["helped"]
    outside = explain(Member("helped"), PersonFacts(date(1990, 1, 1)), KINDS, MAY)
    assert outside.nearest == (Flip(Has("needy"), True, None),)


@settings(max_examples=60)
@given(conditions, persons)
def test_the_explanation_agrees_with_the_evaluation(condition: Condition, person: PersonFacts) -> None:
    answer = explain(condition, person, KINDS, MAY)
    assert answer.truth == evaluate(condition, person, KINDS)
    assert answer.holds is answer.truth.at(MAY)
    assert answer.tree.truth == day_sets(condition, person, KINDS)
    assert set(answer.tree.because) <= {fact.ref for fact in person.facts}


def _decides(node: Condition, facts: dict[Condition, bool]) -> bool:
    match node:
        case All(parts):
            return all(_decides(part, facts) for part in parts)
        case Any(parts):
            return any(_decides(part, facts) for part in parts)
        case Not(part):
            return not _decides(part, facts)
        case Except(part, unless):
            return _decides(part, facts) and not _decides(unless, facts)
    return facts[node]


@given(logic_of_facts)
def test_the_nearest_way_works_and_no_smaller_one_does(condition: Condition) -> None:
    """Brute force over the leaves, for a person of whom every leaf is certain or certainly not."""
    leaves: list[Condition] = [node for node in dict.fromkeys(walk(condition)) if isinstance(node, Has | Member)]
    person = PersonFacts(date(1990, 1, 1), facts=(*ADULT.facts, FactPeriod("study", "day", Period(None, None), "s")))
    now = {leaf: day_sets(leaf, person, KINDS).at(MAY) is True for leaf in leaves}
    answer = explain(condition, person, KINDS, MAY)
    sizes = [
        size
        for size in range(len(leaves) + 1)
        for flipped in combinations(leaves, size)
        if _decides(condition, now | {leaf: not now[leaf] for leaf in flipped})
    ]
    assert (answer.nearest is None) == (not sizes)
    if answer.nearest is not None:
        assert len(answer.nearest) == min(sizes)
        assert _decides(condition, now | {flip.leaf: flip.wanted for flip in answer.nearest})

"""Laws that the days of every condition obey, whatever it asks for."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rules.condition import (
    All,
    Any,
    Condition,
    Count,
    Except,
    ExtendTo,
    Grace,
    Held,
    Not,
    Related,
    canonical,
    digest,
    parse,
    to_json,
)
from rules.dated import Dated
from rules.evaluate import FactPeriod, PersonFacts, RelatedPerson, day_sets, evaluate
from rules.explain import explain
from rules.period import ALWAYS, Days, Period
from tests.rules.draws import KINDS, conditions, facts, persons

MIDDLE = date(2026, 3, 1)
SOMEBODY = date(2008, 3, 1)


def turned(node: Condition, random: Random) -> Condition:
    """The condition with the parts of each `all` and `any` in another order."""
    match node:
        case All(parts) | Any(parts):
            mixed = [turned(part, random) for part in parts]
            random.shuffle(mixed)
            return type(node)(tuple(mixed))
        case Except(part, unless):
            return Except(turned(part, random), turned(unless, random))
        case Not(part) | Held(part) | Grace(part) | ExtendTo(part):
            return replace(node, of=turned(part, random))
        case Related(where=where) | Count(where=where) if where is not None:
            return replace(node, where=turned(where, random))
    return node


def split(relations: Iterable[RelatedPerson]) -> list[RelatedPerson]:
    """Each relation as two, up to a day and from it."""
    return [
        replace(one, period=period)
        for one in relations
        for side in (~Days((MIDDLE,)), Days((MIDDLE,)))
        for period in Days.of(one.period) & side
    ]


@given(conditions, persons, st.randoms())
def test_the_order_of_parts_does_not_matter(condition: Condition, person: PersonFacts, random: Random) -> None:
    assert evaluate(turned(condition, random), person, KINDS) == evaluate(condition, person, KINDS)


@given(conditions, persons, st.randoms())
def test_the_order_and_the_split_of_relations_do_not_matter(
    condition: Condition, person: PersonFacts, random: Random
) -> None:
    mixed = split(person.relations)
    random.shuffle(mixed)
    assert evaluate(condition, replace(person, relations=tuple(mixed)), KINDS) == evaluate(condition, person, KINDS)


@given(conditions, persons)
def test_except_is_all_with_not_and_any_is_the_other_side_of_all(condition: Condition, person: PersonFacts) -> None:
    other = All((condition, Not(condition)))
    for one, same in (
        (Except(condition, other), All((condition, Not(other)))),
        (Any((condition, other)), Not(All((Not(condition), Not(other))))),
        (Not(Not(condition)), condition),
    ):
        assert day_sets(one, person, KINDS) == day_sets(same, person, KINDS)


_more = st.lists(facts().filter(lambda fact: fact.kind in ("study", "income")), max_size=3)


def enriched(person: PersonFacts, more: list[FactPeriod]) -> PersonFacts:
    """The person and all relatives with further facts, on days only on which nothing of the kind is known."""
    answering = [fact for fact in more if fact.kind != "income" or fact.num is not None]
    said = [fact for fact in person.facts if fact.kind != "income" or fact.num is not None]
    filled = [
        replace(fact, period=period)
        for fact in answering
        for period in Days.of(fact.period) - Days.of(*(old.period for old in said if old.kind == fact.kind))
    ]
    near = tuple(replace(one, person=enriched(one.person, more)) for one in person.relations)
    return replace(person, facts=(*person.facts, *filled), relations=near)


@given(conditions, persons, _more)
def test_further_facts_of_anybody_never_take_back_what_was_sure(
    condition: Condition, person: PersonFacts, more: list[FactPeriod]
) -> None:
    before, after = (evaluate(condition, one, KINDS) for one in (person, enriched(person, more)))
    assert before.true <= after.true
    assert before.false <= after.false
    assert after.undetermined <= before.undetermined


@given(conditions, persons, st.sampled_from([Decimal(18), Decimal("17.5"), Decimal(60)]))
def test_a_figure_of_the_law_that_becomes_known_never_takes_back_what_was_sure(
    condition: Condition, person: PersonFacts, figure: Decimal
) -> None:
    gaps = {
        code: Dated((*table, *((gap, figure) for gap in ALWAYS - table.known)))
        for code, table in KINDS.parameters.items()
    }
    cohorts = {
        code: Dated((*table, *((gap, figure) for gap in ALWAYS - table.known))) for code, table in KINDS.cohorts.items()
    }
    whole = replace(KINDS, parameters=gaps, cohorts=cohorts)
    before, after = evaluate(condition, person, KINDS), evaluate(condition, person, whole)
    assert before.true <= after.true
    assert before.false <= after.false


@given(conditions, persons)
def test_days_of_the_past_do_not_depend_on_what_is_recorded_of_the_future(
    condition: Condition, person: PersonFacts
) -> None:
    """A condition looks back and not ahead; boundaries and grace move ends, so only facts that begin later count."""
    begun = tuple(fact for fact in person.facts if fact.period.start is None or fact.period.start < MIDDLE)
    before, after = evaluate(condition, replace(person, facts=begun), KINDS), evaluate(condition, person, KINDS)
    until = Days.of(Period(None, MIDDLE))
    assert (before.true & until, before.false & until) == (after.true & until, after.false & until)


@given(conditions, persons)
def test_a_rule_read_back_from_its_text_gives_the_same_days_and_the_same_explanation(
    condition: Condition, person: PersonFacts
) -> None:
    again = parse(to_json(condition), KINDS)
    assert canonical(again) == canonical(condition)
    assert digest(again) == digest(condition)
    assert explain(again, person, KINDS, MIDDLE) == explain(condition, person, KINDS, MIDDLE)

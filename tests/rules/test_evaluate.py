"""Conditions as sets of days, against an evaluator that knows only single days."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.condition import (
    Age,
    All,
    Any,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
    canonical,
    parse,
)
from rules.dated import Dated
from rules.evaluate import FactPeriod, PersonFacts, RelatedPerson, birthday, evaluate
from rules.period import ALWAYS, EMPTY, Days, Period
from rules.shift import Boundary
from rules.vocabulary import WhenMissing
from tests.rules.draws import EVERY_DAY_NEAR, KINDS, LEAVES, conditions, facts, persons

FLOOR = date(2024, 1, 1)  # before it every set of the drawn rules is constant
DAY = timedelta(days=1)
Moved = Held | Grace | ExtendTo


SIGNS = {"lt": {-1}, "le": {-1, 0}, "eq": {0}, "ge": {0, 1}, "gt": {1}}


def covers(period: Period, day: date) -> bool:
    return (period.start is None or period.start <= day) and (period.end is None or day < period.end)


class OneDay:
    """An evaluator of its own: True, False or None for one day, walking the calendar where a node looks around."""

    def __init__(self, person: PersonFacts) -> None:
        self.person = person
        self.at = cache(self._at)

    def whole(self, node: Condition, day: date) -> bool | None:
        born, died = self.person.born, self.person.died
        if (born is not None and day < born) or (died is not None and day >= died):
            return False
        return self.at(node, day)

    def _at(self, node: Condition, day: date) -> bool | None:
        match node:
            case All(parts):
                return self._least([self.at(part, day) for part in parts])
            case Any(parts):
                return self._not(self._least([self._not(self.at(part, day)) for part in parts]))
            case Not(part):
                return self._not(self.at(part, day))
            case Except(part, unless):
                return self._least([self.at(part, day), self._not(self.at(unless, day))])
            case Has():
                return self._has(node, day)
            case Num():
                return self._num(node, day)
            case Age():
                return self._age(node, day)
            case Member(group):
                definition = KINDS.definitions.get(group)
                return self.at(definition, day) if definition else day in self.person.groups.get(group, EMPTY)
            case Related() | Count():
                return self._relatives(node, day)
            case During(when):
                period = next(iter(KINDS.calendars[when])) if isinstance(when, str) else when
                return (period.start is None or day >= period.start) and (period.end is None or day < period.end)
        certain = self._around(node, day, lambda value: value is True)
        possible = self._around(node, day, lambda value: value is not False)
        return True if certain else (None if possible else False)

    @staticmethod
    def _least(values: list[bool | None]) -> bool | None:
        return False if False in values else (None if None in values else True)

    @staticmethod
    def _not(value: bool | None) -> bool | None:
        return None if value is None else not value

    def _has(self, node: Has, day: date) -> bool | None:
        seen = [
            fact.value
            for fact in self.person.facts
            if fact.kind == node.fact
            and (fact.period.start is None or fact.period.start <= day)
            and (fact.period.end is None or day < fact.period.end)
        ]
        if any(node.values is None or value in node.values for value in seen):
            return True
        return None if not seen and KINDS.facts[node.fact].when_missing is WhenMissing.UNKNOWN else False

    def _num(self, node: Num, day: date) -> bool | None:
        numbers = [fact.num for fact in self.person.facts if fact.kind == node.fact and covers(fact.period, day)]
        limit = self._figure("parameters", node.value.code, day) if isinstance(node.value, Param) else node.value
        said = [number for number in numbers if number is not None]
        if said and limit is None:
            return None
        if limit is not None and any((number > limit) - (number < limit) in SIGNS[node.op] for number in said):
            return True
        return None if not said and KINDS.facts[node.fact].when_missing is WhenMissing.UNKNOWN else False

    @staticmethod
    def _figure(table: str, code: str, day: date) -> Decimal | None:
        steps: Dated = getattr(KINDS, table)[code]
        return next((figure for period, figure in steps if covers(period, day)), None)

    def _age(self, node: Age, day: date) -> bool | None:
        born = self.person.born
        if born is None:
            return None
        years: Decimal | int | None
        match node.years:
            case Param(code):
                years = self._figure("parameters", code, day)
            case Cohort(code):
                years = self._figure("cohorts", code, born)
            case years:
                pass
        if years is None:
            return None
        reached = self._lived(born, day, node.feb29) >= years * 12
        return reached if node.op == "ge" else day >= born and not reached

    @staticmethod
    def _lived(born: date, day: date, feb29: str) -> int:
        """Completed months of life: those whose own day, or its stand-in where a month lacks it, has come."""
        lacks = (day + DAY).month != day.month and day.day < born.day
        completed = day.day >= born.day or (lacks and feb29 == "02-28")
        return (day.year - born.year) * 12 + day.month - born.month - (not completed)

    def _relatives(self, node: Related | Count, day: date) -> bool | None:
        near = {
            one.who: one.person
            for one in self.person.relations
            if one.relation == node.relation and covers(one.period, day)
        }
        answers = [OneDay(person).whole(node.where or All(()), day) for person in near.values()]
        sure, possible = answers.count(True), len(answers) - answers.count(False)
        op, value = (node.op, node.value) if isinstance(node, Count) else ("ge", 1)
        each = {(count > value) - (count < value) in SIGNS[op] for count in range(sure, possible + 1)}
        return each.pop() if len(each) == 1 else None

    def _around(self, node: Moved, day: date, counts: Callable[[bool | None], bool]) -> bool:
        def on(when: date) -> bool:
            return counts(self.at(node.of, when))

        if isinstance(node, Held):
            return on(day) and self._months(self._run_start(on, day), node.months) <= day
        if on(day):
            return True
        last = self._last_true(on, day)
        if last is None:
            return False
        if isinstance(node, Grace):
            return day < self._months(last + DAY, node.months)
        return self._same_stretch(last, day, node.boundary)

    @staticmethod
    def _run_start(on: Callable[[date], bool], day: date) -> date:
        while day > FLOOR and on(day - DAY):
            day -= DAY
        return date(1, 1, 1) if day <= FLOOR else day

    @staticmethod
    def _last_true(on: Callable[[date], bool], day: date) -> date | None:
        while day > FLOOR:
            day -= DAY
            if on(day):
                return day
        return None

    @staticmethod
    def _months(day: date, months: int) -> date:
        year, month = day.year + (day.month + months - 1) // 12, (day.month + months - 1) % 12 + 1
        number = day.day
        while True:
            try:
                return date(year, month, number)
            except ValueError:
                number -= 1

    @staticmethod
    def _same_stretch(last: date, day: date, boundary: Boundary) -> bool:
        if boundary is Boundary.MONTH_END:
            return (last.year, last.month) == (day.year, day.month)
        if boundary is Boundary.YEAR_END:
            return last.year == day.year
        return last.year - (last.month < 9) == day.year - (day.month < 9)


@settings(max_examples=40, deadline=None)
@given(conditions, persons)
def test_sets_of_days_equal_the_evaluator_of_single_days(condition: Condition, person: PersonFacts) -> None:
    truth = evaluate(condition, person, KINDS)
    oracle = OneDay(person)
    for day in EVERY_DAY_NEAR:
        assert truth.at(day) is oracle.whole(condition, day), day


MOVED: list[Condition] = [
    *(ExtendTo(Has("needy"), boundary) for boundary in Boundary),
    *(move(Has("study"), months) for move in (Held, Grace) for months in (1, 2)),
    *(Count("child", op, number) for op in SIGNS for number in (0, 1, 2)),
    Member("repressed"),
]


@pytest.mark.parametrize("node", [*LEAVES, *MOVED], ids=canonical)
def test_every_node_equals_the_evaluator_of_single_days(node: Condition) -> None:
    @settings(max_examples=10)
    @given(persons)
    def agree(person: PersonFacts) -> None:
        truth, oracle = evaluate(node, person, KINDS), OneDay(person)
        for day in EVERY_DAY_NEAR:
            assert truth.at(day) is oracle.whole(node, day), day

    agree()


CHILDREN = PersonFacts(
    date(1980, 1, 1),
    groups={"repressed": Days((date(2026, 3, 1),))},
    relations=tuple(
        RelatedPerson("child", Period(date(2000 + at, 1, 1), None), PersonFacts(date(2000 + at, 1, 1)), str(at))
        for at in range(3)
    ),
)


@pytest.mark.parametrize(
    ("op", "days"),
    [
        ("lt", "{[1980-01-01,2001-01-01)}"),
        ("le", "{[1980-01-01,2002-01-01)}"),
        ("eq", "{[2001-01-01,2002-01-01)}"),
        ("ge", "{[2001-01-01,)}"),
        ("gt", "{[2002-01-01,)}"),
    ],
)
def test_children_are_counted_from_the_day_each_is_one(op: str, days: str) -> None:
    assert str(evaluate(Count("child", op, 2), CHILDREN, KINDS).true) == days


def test_a_list_and_a_boundary_are_those_that_the_rule_names() -> None:
    assert str(evaluate(Member("repressed"), CHILDREN, KINDS).true) == "{[2026-03-01,)}"
    spring = FactPeriod("needy", None, Period(date(2026, 3, 1), date(2026, 5, 20)), "d")
    ends = {
        boundary: evaluate(ExtendTo(Has("needy"), boundary), PersonFacts(None, facts=(spring,)), KINDS).true.edges[1]
        for boundary in Boundary
    }
    assert ends == {
        Boundary.MONTH_END: date(2026, 6, 1),
        Boundary.SCHOOL_YEAR_END: date(2026, 9, 1),
        Boundary.YEAR_END: date(2027, 1, 1),
    }


@given(conditions, persons)
def test_true_and_false_days_never_meet(condition: Condition, person: PersonFacts) -> None:
    truth = evaluate(condition, person, KINDS)
    assert not truth.true & truth.false
    assert truth.true | truth.false | truth.undetermined == ALWAYS


@given(conditions, persons, st.lists(facts().filter(lambda fact: fact.kind == "study"), max_size=3))
def test_more_data_never_contradicts_what_was_certain(
    condition: Condition, person: PersonFacts, more: list[FactPeriod]
) -> None:
    known = Days.of(*(fact.period for fact in person.facts if fact.kind == "study"))
    filled = [
        FactPeriod(fact.kind, fact.value, period, fact.ref) for fact in more for period in Days.of(fact.period) - known
    ]
    richer = replace(person, born=person.born or date(2008, 3, 1), facts=(*person.facts, *filled))
    before, after = evaluate(condition, person, KINDS), evaluate(condition, richer, KINDS)
    unborn = ALWAYS - Days((date(2008, 3, 1),)) if person.born is None else EMPTY
    assert before.true - unborn <= after.true
    assert before.false <= after.false


@given(conditions, conditions, persons)
def test_a_wider_rule_never_removes_a_day(condition: Condition, other: Condition, person: PersonFacts) -> None:
    truth = evaluate(condition, person, KINDS)
    wider = evaluate(Any((condition, other)), person, KINDS)
    narrower = evaluate(All((condition, other)), person, KINDS)
    assert truth.true <= wider.true
    assert wider.false <= truth.false
    assert narrower.true <= truth.true
    assert evaluate(Except(condition, other), person, KINDS).true <= truth.true


@given(persons)
def test_more_values_never_remove_a_day(person: PersonFacts) -> None:
    one = evaluate(Has("disability", frozenset({"I"})), person, KINDS)
    two = evaluate(Has("disability", frozenset({"I", "II"})), person, KINDS)
    any_value = evaluate(Has("disability"), person, KINDS)
    assert one.true <= two.true <= any_value.true


@given(conditions, persons)
def test_nothing_holds_from_the_day_of_death(condition: Condition, person: PersonFacts) -> None:
    if person.died is not None:
        assert Days((person.died,)) <= evaluate(condition, person, KINDS).false


@given(conditions, persons, st.randoms())
def test_the_order_and_the_split_of_facts_do_not_matter(
    condition: Condition, person: PersonFacts, random: Random
) -> None:
    middle = date(2026, 3, 1)
    parts = [
        replace(fact, period=period)
        for fact in person.facts
        for side in (~Days((middle,)), Days((middle,)))
        for period in Days.of(fact.period) & side
    ]
    random.shuffle(parts)
    split = replace(person, facts=tuple(parts))
    assert evaluate(condition, split, KINDS) == evaluate(condition, person, KINDS)


def test_t01_a_needy_person_from_1_march_to_31_may_has_exactly_these_days() -> None:
    period = Period.inclusive(date(2026, 3, 1), date(2026, 5, 31))
    person = PersonFacts(date(1990, 1, 1), facts=(FactPeriod("needy", None, period, "decision-1"),))
    assert str(evaluate(Has("needy"), person, KINDS).true) == "{[2026-03-01,2026-06-01)}"


def test_t04_a_status_renewed_before_it_ends_is_one_continuous_right() -> None:
    renewed = [("2026-03-01", "2026-06-01"), ("2026-05-20", "2026-09-01")]
    facts_of = tuple(
        FactPeriod("needy", None, Period(date.fromisoformat(start), date.fromisoformat(end)), f"d-{start}")
        for start, end in renewed
    )
    truth = evaluate(Has("needy"), PersonFacts(date(1990, 1, 1), facts=facts_of), KINDS)
    assert list(truth.true) == [Period(date(2026, 3, 1), date(2026, 9, 1))]


def test_t17_a_disabled_child_s_right_ends_on_the_18th_birthday() -> None:
    condition = parse(
        {"all": [{"has": {"fact": "disability", "in": ["I", "II"]}}, {"age": {"op": "lt", "years": 18}}]}, KINDS
    )
    always = FactPeriod("disability", "II", Period(date(2020, 1, 1), None), "d")
    truth = evaluate(condition, PersonFacts(date(2008, 5, 10), facts=(always,)), KINDS)
    assert str(truth.true) == "{[2020-01-01,2026-05-10)}"


def test_t18_an_orphan_student_s_right_ends_on_the_24th_birthday() -> None:
    condition = parse({"all": [{"has": {"fact": "study"}}, {"age": {"op": "lt", "years": 24}}]}, KINDS)
    student = FactPeriod("study", "day", Period(date(2025, 9, 1), date(2028, 9, 1)), "s")
    truth = evaluate(condition, PersonFacts(date(2003, 2, 28), facts=(student,)), KINDS)
    assert str(truth.true) == "{[2025-09-01,2027-02-28)}"


def test_29_february_is_a_choice_of_the_rule() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), 18, "02-28") == date(2026, 2, 28)
    assert birthday(date(2008, 2, 29), 20, "02-28") == date(2028, 2, 29)
    assert birthday(date(9990, 1, 1), 18) is None


def test_missing_data_is_undetermined_only_where_silence_does_not_mean_no() -> None:
    nobody = PersonFacts(date(1990, 1, 1))
    assert evaluate(Has("needy"), nobody, KINDS).undetermined == EMPTY
    assert str(evaluate(Has("study"), nobody, KINDS).undetermined) == "{[1990-01-01,)}"
    assert evaluate(Age("ge", 18), PersonFacts(None), KINDS).undetermined == ALWAYS


def test_a_known_other_value_is_a_no_even_where_silence_is_not() -> None:
    evening = FactPeriod("study", "evening", Period(date(2026, 1, 1), date(2026, 7, 1)), "s")
    truth = evaluate(Has("study", frozenset({"day"})), PersonFacts(date(1990, 1, 1), facts=(evening,)), KINDS)
    assert truth.at(date(2026, 3, 1)) is False
    assert truth.at(date(2026, 7, 1)) is None

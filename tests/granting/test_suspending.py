"""What orders suspend, for whom and on which days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.granting.suspending import Exemption, Order, exemptions_from, stopping, suspended
from amis.kernel.models import STATE
from rules.condition import Condition
from rules.errors import EmptyPeriod, Refused
from rules.evaluate import FactPeriod, PersonFacts, evaluate
from rules.period import EMPTY, Days, Period
from rules.vocabulary import FactKind, Vocabulary, WhenMissing
from tests.rules.draws import KINDS, conditions, periods, persons

JELGAVA, RIGA = 2, 3
WORDS = Vocabulary.of(
    FactKind("grade", frozenset(str(number) for number in range(1, 13))),
    FactKind("studying", frozenset({"yes", "no"}), WhenMissing.UNKNOWN),
)
COVID = Period(date(2021, 10, 22), date(2021, 11, 16))
YOUNG = {"has": {"fact": "grade", "in": ["1", "2", "3"]}}


def order(*patterns: str, grantor: int = JELGAVA, exceptions: tuple[dict[str, object], ...] = ()) -> Order:
    return Order("COVID-JLG", grantor, patterns, COVID, exemptions_from(exceptions, WORDS))


def pupil(grade: str, first: str = "2021-09-01", end: str = "2022-09-01") -> PersonFacts:
    year = Period(date.fromisoformat(first), date.fromisoformat(end))
    return PersonFacts(date(2012, 5, 1), None, (FactPeriod("grade", grade, year, "g"),))


def days(one: Order, person: PersonFacts, code: str = "JLG-PUPIL4", grantor: int = JELGAVA) -> str:
    return str(suspended([one], code, person, WORDS, grantor_id=grantor))


def test_t24_all_are_suspended_but_the_first_three_grades_only_until_the_end_of_october() -> None:
    covid = order("JLG-PENS*", "JLG-PUPIL4", exceptions=({"condition": YOUNG, "from": "2021-11-01"},))
    assert days(covid, pupil("2")) == "{[2021-10-22,2021-11-01)}"
    assert days(covid, pupil("7")) == "{[2021-10-22,2021-11-16)}"
    assert days(covid, pupil("7"), "JLG-PENS75") == "{[2021-10-22,2021-11-16)}"
    assert days(covid, pupil("7"), "JLG-NEEDY20") == "{}"


def test_an_exception_counts_from_the_day_on_which_it_holds() -> None:
    covid = order("*", exceptions=({"condition": YOUNG},))
    assert days(covid, pupil("2", "2021-11-08")) == "{[2021-10-22,2021-11-08)}"


def test_who_may_be_excepted_is_not_until_it_is_known() -> None:
    covid = order("*", exceptions=({"condition": {"has": {"fact": "studying", "in": ["yes"]}}},))
    assert days(covid, PersonFacts(date(2012, 5, 1))) == "{[2021-10-22,2021-11-16)}"


@pytest.mark.parametrize(
    ("grantor", "code", "of", "covered"),
    [
        (JELGAVA, "JLG-NEEDY20", JELGAVA, True),
        (JELGAVA, "LV-ORPHAN", STATE, False),
        (JELGAVA, "RIX-ORPHAN", RIGA, False),
        (STATE, "LV-ORPHAN", STATE, True),
        (STATE, "JLG-NEEDY20", JELGAVA, True),
    ],
)
def test_a_municipality_suspends_its_own_concessions_and_the_state_all(
    grantor: int, code: str, of: int, covered: bool
) -> None:
    assert order("*", grantor=grantor).covers(code, of) is covered
    assert (stopping([order("*", grantor=grantor)], code, grantor_id=of) is not None) is covered


def test_a_star_stands_for_any_ending_and_nothing_else_matches_in_part() -> None:
    assert order("JLG-PENS*").covers("JLG-PENS2018", JELGAVA)
    assert order("JLG-PENS*").covers("JLG-PENS", JELGAVA)
    assert not order("JLG-PENS").covers("JLG-PENS2018", JELGAVA)
    assert not order("JLG-PENS*").covers("XJLG-PENS", JELGAVA)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"condition": {"has": {"fact": "shoe_size"}}}, Refused),
        ({"condition": YOUNG, "from": "2021-11-01", "to": "2021-11-01"}, EmptyPeriod),
        ({"condition": YOUNG, "from": "November"}, ValueError),
    ],
)
def test_an_exception_that_cannot_be_read_is_refused(row: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        exemptions_from([row], WORDS)


@given(persons, st.lists(st.tuples(periods(), conditions, st.none() | periods()), max_size=3))
def test_suspended_days_are_those_of_the_orders_less_the_days_on_which_an_exception_certainly_holds(
    person: PersonFacts, drawn: list[tuple[Period, Condition, Period | None]]
) -> None:
    orders = [
        Order(f"O{at}", JELGAVA, ("*",), period, (Exemption(spared, limit),))
        for at, (period, spared, limit) in enumerate(drawn)
    ]
    expected = EMPTY
    for one in orders:
        [exempt] = one.exemptions
        spared = evaluate(exempt.condition, person, KINDS).true
        expected |= Days.of(one.period) - (spared if exempt.period is None else spared & Days.of(exempt.period))
    assert suspended(orders, "X", person, KINDS, grantor_id=JELGAVA) == expected & person.life


def test_without_an_order_nothing_is_suspended() -> None:
    assert suspended([], "X", pupil("1"), WORDS, grantor_id=JELGAVA) == EMPTY

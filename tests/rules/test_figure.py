"""Numbers and ages against figures of the law."""

from datetime import date
from decimal import Decimal

import pytest

from rules.condition import Age, Cohort, Num, Param
from rules.evaluate import FactPeriod, PersonFacts, evaluate
from rules.figure import completed
from rules.period import EMPTY, Period
from tests.rules.draws import KINDS


def person(*incomes: tuple[str, str], born: date = date(1990, 1, 1)) -> PersonFacts:
    year = Period(date(2026, 1, 1), date(2027, 1, 1))
    return PersonFacts(born, facts=tuple(FactPeriod(kind, None, year, "r", Decimal(num)) for kind, num in incomes))


def test_a_dated_threshold_splits_the_days_of_one_fact() -> None:
    truth = evaluate(Num("income", "le", Param("threshold")), person(("income", "100")), KINDS)
    assert str(truth.true) == "{[2026-01-01,2026-03-01)}"
    assert str(truth.false) == "{(,1990-01-01),[2026-05-31,2027-01-01)}"


def test_a_threshold_that_is_not_set_leaves_open_only_the_days_of_a_number() -> None:
    truth = evaluate(Num("rooms", "lt", Param("threshold")), person(("rooms", "60")), KINDS)
    assert str(truth.undetermined) == "{[2026-03-01,2026-05-31)}"


def test_one_of_several_numbers_is_enough() -> None:
    truth = evaluate(Num("income", "ge", Decimal(200)), person(("income", "200"), ("income", "0")), KINDS)
    assert str(truth.true) == "{[2026-01-01,2027-01-01)}"


def test_a_dated_age_is_asked_for_only_while_it_is_in_force() -> None:
    truth = evaluate(Age("ge", Param("majority")), person(born=date(2008, 5, 10)), KINDS)
    assert str(truth.true) == "{[2026-02-10,2026-02-28),[2026-05-10,2027-01-01)}"
    assert str(truth.undetermined) == "{[2008-05-10,2024-01-01),[2027-01-01,)}"


def test_an_age_past_the_last_year_is_never_reached() -> None:
    late = person(born=date(9900, 1, 1))
    assert evaluate(Age("ge", 100), late, KINDS).true == EMPTY
    assert str(evaluate(Age("lt", 100), late, KINDS).true) == "{[9900-01-01,)}"


def test_the_birthday_of_29_february_is_the_one_that_the_rule_names() -> None:
    leap = person(born=date(2008, 2, 29))
    assert str(evaluate(Age("ge", 18), leap, KINDS).true) == "{[2026-03-01,)}"
    assert str(evaluate(Age("ge", 18, "02-28"), leap, KINDS).true) == "{[2026-02-28,)}"
    assert completed(date(2008, 2, 29), 18 * 12) == date(2026, 3, 1)


def test_a_cohort_table_sets_the_age_by_birth_date() -> None:
    truth = evaluate(Age("ge", Cohort("pension")), person(born=date(1950, 1, 31)), KINDS)
    assert str(truth.true) == "{[2026-05-01,)}"
    assert str(evaluate(Age("ge", Cohort("pension")), person(), KINDS).undetermined) == "{[1990-01-01,)}"


@pytest.mark.parametrize(
    ("born", "months", "feb29", "day"),
    [
        (date(2008, 2, 29), 216, "03-01", date(2026, 3, 1)),
        (date(2008, 2, 29), 216, "02-28", date(2026, 2, 28)),
        (date(2008, 2, 29), 240, "02-28", date(2028, 2, 29)),
        (date(2008, 1, 31), 219, "03-01", date(2026, 5, 1)),
        (date(2008, 1, 31), 219, "02-28", date(2026, 4, 30)),
        (date(9990, 1, 1), 120, "03-01", None),
    ],
)
def test_a_day_that_the_month_lacks_is_a_choice_of_the_rule(
    born: date, months: int, feb29: str, day: date | None
) -> None:
    assert completed(born, months, feb29) == day

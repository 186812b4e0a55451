"""What a holder must have: a fact that was gathered, or an age that the days of the rule can still see."""

from datetime import date

import pytest

from amis.granting.holder_sieve import HolderSieve
from amis.granting.holder_sql import HolderSql
from rules.condition import Age, All, Any, Condition, Grace, Has
from rules.period import Period
from rules.sql import Sql
from rules.tables import Tables
from rules.vocabulary import FactKind, Vocabulary

NEEDY, YOUNG, OLD = Has("needy"), Age("lt", 7), Age("ge", 75)
RULE = Period(date(2020, 1, 1), date(2027, 1, 1))


def sieved(condition: Condition, period: Period = RULE) -> tuple[str, list[object]]:
    """The predicate, and the values bound in it."""
    sql = HolderSql(Sql(Tables(), Vocabulary({"needy": FactKind("needy")})), "p")
    return HolderSieve(sql, period).needed(condition, "p"), list(sql.values.values())


@pytest.mark.parametrize(
    ("age", "edge", "days"), [(YOUNG, date(2020, 1, 1), 366 * 7 + 1), (OLD, date(2027, 1, 1), 365 * 75)]
)
def test_whoever_is_born_too_early_or_too_late_for_the_days_of_the_rule_is_left_out(
    age: Age, edge: date, days: int
) -> None:
    predicate, bound = sieved(age)
    assert predicate.startswith("p.born >= (" if age is YOUNG else "p.born < (")
    assert bound == [edge, days]


@pytest.mark.parametrize("condition", [YOUNG, OLD])
def test_a_rule_without_limit_leaves_nobody_out_by_age(condition: Condition) -> None:
    assert sieved(condition, Period(None, None)) == ("", [])


def test_an_age_that_is_moved_leaves_nobody_out() -> None:
    assert sieved(Grace(YOUNG, 3)) == ("", [])
    assert sieved(Any((NEEDY, Grace(YOUNG, 3)))) == ("", [])


def test_a_moved_fact_is_gathered_and_so_needed() -> None:
    predicate, _ = sieved(All((Grace(NEEDY, 1), Grace(YOUNG, 3))))
    assert predicate.endswith("fact_0 IS NOT NULL)")

"""The nearest way to qualify, where it is more than one leaf."""

from datetime import date

from rules.condition import Age, All, Any, Has, Member, Not, Param
from rules.evaluate import PersonFacts
from rules.nearest import Flip, nearest
from tests.rules.draws import KINDS

MAY = date(2026, 5, 10)


def test_a_group_by_condition_that_has_to_be_left_is_left_in_every_way() -> None:
    way = nearest(All((Not(Member("helped")), Has("needy"))), PersonFacts(date(1990, 1, 1)), KINDS, MAY)
    assert way is None


def test_an_age_that_the_law_no_longer_sets_comes_never_by_itself() -> None:
    child = PersonFacts(date(2010, 1, 1))
    assert nearest(Age("ge", Param("majority")), child, KINDS, MAY) is None
    rest = Any((Age("ge", Param("majority")), Has("needy")))
    assert nearest(rest, child, KINDS, MAY) == (Flip(Has("needy"), True, None),)

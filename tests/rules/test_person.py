"""What is known of a person."""

from datetime import date

from rules.period import Days, Period
from rules.person import PersonFacts, RelatedPerson, Relative, relatives

ANNA, JANIS = PersonFacts(date(2015, 1, 1)), PersonFacts(date(2017, 1, 1))


def test_life_is_from_birth_up_to_death_as_far_as_known() -> None:
    assert str(PersonFacts(date(1950, 1, 31), date(2026, 3, 1)).life) == "{[1950-01-31,2026-03-01)}"
    assert str(PersonFacts(None, date(2026, 3, 1)).life) == "{(,2026-03-01)}"
    assert str(PersonFacts(None).life) == "{(,)}"
    assert str(PersonFacts(date(2026, 3, 1), date(2026, 3, 1)).life) == "{}"


def test_a_relative_named_for_several_periods_is_one() -> None:
    spring, summer = Period(date(2026, 3, 1), date(2026, 6, 1)), Period(date(2026, 6, 1), date(2026, 9, 1))
    named = [
        RelatedPerson("child", spring, ANNA, "anna"),
        RelatedPerson("guardian", spring, JANIS, "janis"),
        RelatedPerson("child", summer, ANNA, "anna"),
        RelatedPerson("child", summer, JANIS, "janis"),
    ]
    assert relatives("child", named) == [
        Relative("anna", Days.parse("{[2026-03-01,2026-09-01)}"), ANNA),
        Relative("janis", Days.parse("{[2026-06-01,2026-09-01)}"), JANIS),
    ]

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sync import personal_code
from sync.names import MEN, SURNAMES, WOMEN
from sync.population import Resident, population

ON = date(2026, 3, 10)


def residents(seed: int, persons: int, on: date = ON) -> list[Resident]:
    return [member for household in population(seed, persons, on) for member in household.members]


@given(st.integers(0, 1000), st.integers(1, 60), st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_there_are_as_many_as_asked_for_and_each_code_is_valid_and_used_once(seed: int, count: int, on: date) -> None:
    people = residents(seed, count, on)
    assert len({person.code for person in people}) == len(people) == count
    for person in people:
        assert personal_code.parse(person.code).born in (None, person.birth_date)
        assert 0 <= person.age_on(on) <= 92


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert population(7, 200, ON) == population(7, 200, ON)
    assert population(7, 200, ON) != population(8, 200, ON)


def test_codes_with_a_birth_date_ended_in_june_2017() -> None:
    for person in residents(1, 300):
        assert personal_code.is_newer_form(person.code) == (person.birth_date >= date(2017, 7, 1))


def test_names_follow_the_gender() -> None:
    forms = {"M": (MEN, {pair[0] for pair in SURNAMES}), "F": (WOMEN, {pair[1] for pair in SURNAMES})}
    for person in residents(2, 300):
        given_names, surnames = forms[person.gender]
        assert person.given_name in given_names
        assert person.family_name in surnames


def test_a_household_lives_in_one_place_under_one_id() -> None:
    for household in population(3, 300, ON):
        assert {member.household for member in household.members} == {household.id}
        assert len({member.municipality for member in household.members}) == 1


def test_the_town_has_all_kinds_of_households_and_all_three_municipalities() -> None:
    town = population(1, 200, ON)
    assert {household.kind for household in town} == {"pensioners", "family", "single", "orphans"}
    assert {person.municipality for person in residents(1, 200)} == {"JLG", "RIX", "DGP"}
    assert any(len(household.children(ON)) >= 3 for household in town)


def test_children_are_counted_on_the_day_oldest_first() -> None:
    family = next(household for household in population(1, 200, ON) if len(household.children(ON)) >= 3)
    births = [child.birth_date for child in family.children(ON)]
    assert births == sorted(births)
    assert family.children(date(2060, 1, 1)) == ()


def test_every_surname_has_two_forms_and_no_name_is_for_both_genders() -> None:
    assert all(len(pair) == 2 for pair in SURNAMES)
    assert not set(MEN) & set(WOMEN)

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.caseload import Grant, birthday, caseload, disability_grant, means_grant, months_later
from sync.population import Resident, population
from sync.sopa import STATUSES

ON = date(2026, 3, 10)


def cases(seed: int, persons: int = 200, on: date = ON) -> list[tuple[Resident, Grant]]:
    rng = random.Random(seed)
    return [case for household in population(seed, persons, on) for case in caseload(rng, household, on)]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 3, 1), 3, date(2026, 6, 1)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 11, 21), 1, date(2026, 12, 21)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


def test_a_leap_day_child_has_a_birthday_each_year() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 28), 18) == date(2026, 2, 28)


@given(st.integers(0, 300), st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_no_status_ends_before_it_begins_or_begins_before_birth(seed: int, on: date) -> None:
    for resident, grant in cases(seed, 30, on):
        assert grant.valid_until is None or grant.valid_from < grant.valid_until
        assert grant.status == "REPR" or grant.valid_from >= resident.birth_date or grant.status in _MEANS


_MEANS = ("TRUCIGA", "MAZNODROSINATA")


def test_each_status_occurs_in_a_town_of_six_hundred() -> None:
    assert {grant.status for _, grant in cases(1, 600)} == set(STATUSES)


def test_a_household_is_needy_as_a_whole() -> None:
    means = [(resident.household, grant) for resident, grant in cases(4) if grant.status in _MEANS]
    for household in population(4, 200, ON):
        granted = [grant for household_id, grant in means if household_id == household.id]
        assert len(granted) in (0, len(household.members))
        assert len(set(granted)) <= 1


@given(st.randoms(use_true_random=False), st.sampled_from(_MEANS), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_means_decision_lasts_three_or_six_whole_months(rng: random.Random, status: str, day: date) -> None:
    grant = means_grant(rng, status, day)
    assert grant.valid_from == day.replace(day=1)
    assert grant.valid_until in (months_later(grant.valid_from, 3), months_later(grant.valid_from, 6))


def test_a_childs_disability_ends_on_the_eighteenth_birthday() -> None:
    rng = random.Random(1)
    for resident in (member for household in population(1, 200, ON) for member in household.children(ON)):
        grant = disability_grant(rng, resident, ON)
        assert (grant.status, grant.valid_until) == ("INV_BERNS", birthday(resident.birth_date, 18))

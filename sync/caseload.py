"""Which statuses a social office would have on file for a household, drawn with plausible frequencies."""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sync.population import Household, Resident


@dataclass(frozen=True, slots=True)
class Grant:
    """A status the office decided on: its days `[valid_from, valid_until)`, None for no end."""

    status: str
    valid_from: date
    valid_until: date | None


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def birthday(born: date, years: int) -> date:
    """The day somebody is this old; 29 February counts on 1 March."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def caseload(rng: random.Random, household: Household, on: date) -> Iterator[tuple[Resident, Grant]]:
    """The statuses on file for one household at the first load."""
    yield from _means(rng, household, on)
    yield from _large_family(household, on)
    for member in household.members:
        yield from _own(rng, household, member, on)


def _large_family(household: Household, on: date) -> Iterator[tuple[Resident, Grant]]:
    children = household.children(on)
    if len(children) >= 3:
        # Three are under 18 from the third child's birth until the third youngest comes of age.
        grant = Grant("DAUDZBERNU", children[2].birth_date, birthday(children[-3].birth_date, 18))
        for member in household.members:
            yield member, replace(grant, valid_from=max(grant.valid_from, member.birth_date))


def _means(rng: random.Random, household: Household, on: date) -> Iterator[tuple[Resident, Grant]]:
    # Means are assessed for the household as a whole: all members get the decision, or none.
    if rng.random() < 0.4:
        status = rng.choice(("TRUCIGA", "MAZNODROSINATA"))
        grant = means_grant(rng, status, on - timedelta(days=rng.randrange(80)))
        for member in household.members:
            yield member, grant


def means_grant(rng: random.Random, status: str, day: date) -> Grant:
    """A decision from the first of that day's month, for three or six months."""
    first = day.replace(day=1)
    return Grant(status, first, months_later(first, rng.choice((3, 6))))


def _own(rng: random.Random, household: Household, member: Resident, on: date) -> Iterator[tuple[Resident, Grant]]:
    age = member.age_on(on)
    if age >= 65:
        yield member, Grant("PENSIJA", birthday(member.birth_date, 65), None)
    if age >= 75 and rng.random() < 0.2:
        yield member, Grant("REPR", date(1995, 5, 12), None)
    if household.kind == "orphans":
        yield member, Grant("BARENIS", birthday(member.birth_date, 2), birthday(member.birth_date, 24))
    if rng.random() < 0.12:
        yield member, disability_grant(rng, member, on)


def disability_grant(rng: random.Random, member: Resident, on: date) -> Grant:
    """A child's disability lasts to the 18th birthday, a group two years, or for life in old age."""
    since = max(member.birth_date, months_later(on, -rng.randint(1, 12)))
    if member.age_on(on) < 18:
        return Grant("INV_BERNS", since, birthday(member.birth_date, 18))
    until = None if member.age_on(on) >= 70 else months_later(since, 24)
    return Grant(rng.choices(("INV1", "INV2", "INV3"), weights=(2, 5, 5))[0], since, until)

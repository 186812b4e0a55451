"""A seeded town: households of people who do not exist, with names, personal codes and declared residence."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sync import personal_code
from sync.names import MEN, SURNAMES, WOMEN

# Two in three live in Jelgava, whose concessions are the most, the others in Riga and Daugavpils.
_MUNICIPALITIES = ("JLG", "JLG", "JLG", "JLG", "RIX", "DGP")
_NEWER_FORM_SINCE = date(2017, 7, 1)


@dataclass(frozen=True, slots=True)
class Resident:
    """A made-up person; `code` has eleven digits, `municipality` is where it is declared: JLG, RIX or DGP."""

    code: str
    given_name: str
    family_name: str
    birth_date: date
    municipality: str
    household: str
    gender: str

    def age_on(self, day: date) -> int:
        """Full years lived."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)


@dataclass(frozen=True, slots=True)
class Household:
    """People at one address; `kind` is pensioners, family, single, orphans."""

    id: str
    kind: str
    members: tuple[Resident, ...]

    def children(self, day: date) -> tuple[Resident, ...]:
        """The members under 18, oldest first."""
        children = (member for member in self.members if member.age_on(day) < 18)
        return tuple(sorted(children, key=lambda child: child.birth_date))


def population(seed: int, persons: int, on: date) -> tuple[Household, ...]:
    """Households of exactly `persons` people as of this day; the same arguments give the same people."""
    return tuple(_Town(random.Random(seed), on).households(persons))  # noqa: S311 - seeded on purpose


class _Town:
    """Draws households from one stream of random numbers and never draws a personal code twice."""

    def __init__(self, rng: random.Random, on: date) -> None:
        self._rng = rng
        self._on = on
        self._codes: set[str] = set()

    def households(self, persons: int) -> Iterator[Household]:
        left, number = persons, 0
        while left:
            number += 1
            household = self._household(f"M-{number:05}", left)
            left -= len(household.members)
            yield household

    def _household(self, household: str, most: int) -> Household:
        kind = self._rng.choices(tuple(_AGES), weights=(30, 40, 20, 10))[0]
        ages = _AGES[kind](self._rng)[:most]
        municipality = self._rng.choice(_MUNICIPALITIES)
        surname = self._rng.choice(SURNAMES)
        genders = [self._rng.choice("MF") for _ in ages]
        if kind != "orphans" and len(ages) > 1 and min(ages[:2]) >= 18:
            genders[:2] = ["M", "F"]
        members = (
            self._resident(age, gender, surname, municipality, household)
            for age, gender in zip(ages, genders, strict=True)
        )
        return Household(household, kind, tuple(members))

    def _resident(self, age: int, gender: str, surname: tuple[str, ...], municipality: str, household: str) -> Resident:
        born = self._birth_date(age)
        return Resident(
            code=self._code(born),
            given_name=self._rng.choice(MEN if gender == "M" else WOMEN),
            family_name=surname[0 if gender == "M" else 1],
            birth_date=born,
            municipality=municipality,
            household=household,
            gender=gender,
        )

    def _birth_date(self, age: int) -> date:
        """A day that makes the person exactly this many full years old."""
        day = 28 if (self._on.month, self._on.day) == (2, 29) else self._on.day
        return date(self._on.year - age, self._on.month, day) - timedelta(days=self._rng.randrange(365))

    def _code(self, born: date) -> str:
        while True:
            if born >= _NEWER_FORM_SINCE:
                code = personal_code.draw_newer(self._rng)
            else:
                code = personal_code.draw_with_birth_date(self._rng, born)
            if code not in self._codes:
                self._codes.add(code)
                return code


def _pensioners(rng: random.Random) -> list[int]:
    return [rng.randint(66, 92) for _ in range(rng.choice((1, 1, 2)))]


def _family(rng: random.Random) -> list[int]:
    parents = [rng.randint(27, 45) for _ in range(rng.choice((1, 2, 2)))]
    children = [rng.randint(0, min(17, min(parents) - 18)) for _ in range(rng.choice((1, 1, 1, 2, 2, 2, 3, 4)))]
    return parents + sorted(children, reverse=True)


def _single(rng: random.Random) -> list[int]:
    return [rng.randint(19, 64)]


def _orphans(rng: random.Random) -> list[int]:
    return [rng.randint(8, 23) for _ in range(rng.choice((1, 1, 2)))]


_AGES: dict[str, Callable[[random.Random], list[int]]] = {
    "pensioners": _pensioners,
    "family": _family,
    "single": _single,
    "orphans": _orphans,
}

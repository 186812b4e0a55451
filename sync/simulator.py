"""A pretend SOPA: it holds records about a made-up population, states them, and knows what it has stated."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sync.caseload import Grant, caseload
from sync.notice import Op
from sync.population import Resident, population
from sync.pretend.record import (
    CODE_CHANGED,
    DIED,
    HOUSEHOLD,
    MERGED,
    MOVED,
    STATUS,
    UNMERGED,
    Record,
    residence,
    status,
)


class Simulator:
    """One source with its people and its records. Every version comes from one counter.

    `people` is in a fixed order, by which records name them. Who is on file twice stands twice in it: `doubles` tells
    of the second entry which is the first, `merged` are those that were found out, `dead` who died.
    """

    def __init__(self, source: str, seed: int, persons: int, on: date) -> None:
        self.source = source
        self.households = population(seed, persons, on)
        self.people = [member for household in self.households for member in household.members]
        self.rng = random.Random(seed)  # noqa: S311 - seeded on purpose
        self.version = 0
        self.doubles: dict[int, int] = {}
        self.merged: set[int] = set()
        self.dead: set[int] = set()
        self._records: dict[str, Record] = {}
        self._numbers: dict[str, int] = {}
        self._codes = {resident.code for resident in self.people}
        self._first_day = on

    def residences(self, at: datetime) -> list[Record]:
        """Where each resident is declared; stated before the first load."""
        return [
            self.state(MOVED, person, at, residence(resident, resident.municipality, _since(resident)))
            for person, resident in enumerate(tuple(self.people))
        ]

    def initial(self, at: datetime) -> list[Record]:
        """The first load: every status on file."""
        place = {resident.code: person for person, resident in enumerate(self.people)}
        return [
            self.grant(place[resident.code], grant, grant.valid_from, at)
            for household in self.households
            for resident, grant in caseload(self.rng, household, self._first_day)
        ]

    def grant(self, person: int, grant: Grant, decided_on: date, at: datetime, record_id: str = "") -> Record:
        """States a status: a new record, or the next version of `record_id`."""
        named = record_id or self._named(_LETTERS[STATUS])
        number = f"{named[2:]}-{self.version + 1}"
        about = status(number, self.people[person], grant, decided_on)
        return self._put(Record(named, self._next(), Op.UPSERT, STATUS, person, at, about, grant))

    def state(self, kind: str, person: int, at: datetime, about: Mapping[str, Any], record_id: str = "") -> Record:
        """States something else, in a record of its own or the next version of `record_id`."""
        named = record_id or self._named(_LETTERS[kind])
        return self._put(Record(named, self._next(), Op.UPSERT, kind, person, at, about))

    def withdraw(self, record_id: str, at: datetime) -> Record:
        """Takes a record back."""
        return self._put(self._records[record_id].withdrawn(self._next(), at))

    def change_person(self, person: int, **members: Any) -> Resident:
        """What is known of somebody from now on; returns it."""
        self.people[person] = replace(self.people[person], **members)
        self._codes.add(self.people[person].code)
        return self.people[person]

    def add_person(self, resident: Resident) -> int:
        """One more on file; returns the place."""
        self.people.append(resident)
        self._codes.add(resident.code)
        return len(self.people) - 1

    def lives(self, person: int) -> bool:
        """Whether neither they nor whom they turned out to be has died."""
        return person not in self.dead and self.doubles.get(person) not in self.dead

    def is_drawn(self, code: str) -> bool:
        """Whether somebody has or had this code."""
        return code in self._codes

    def records(self, kind: str = STATUS) -> Iterator[Record]:
        """The newest version of each record of a kind, withdrawn ones too."""
        return (record for record in self._records.values() if record.type == kind)

    def standing(self, person: int | None = None) -> list[Record]:
        """The statuses that hold, of one person or of all: what a snapshot names."""
        return [
            record
            for record in self.records()
            if record.op is Op.UPSERT and (person is None or record.person == person)
        ]

    def expected(self) -> Mapping[str, Record]:
        """Each record id with the newest that was stated of it."""
        return dict(self._records)

    def _put(self, record: Record) -> Record:
        self._records[record.record_id] = record
        return record

    def _next(self) -> int:
        self.version += 1
        return self.version

    def _named(self, letter: str) -> str:
        self._numbers[letter] = self._numbers.get(letter, 0) + 1
        return f"{letter}-{self._numbers[letter]:06}"


_LETTERS: Mapping[str, str] = {
    STATUS: "S",
    MOVED: "R",
    CODE_CHANGED: "C",
    DIED: "D",
    MERGED: "M",
    UNMERGED: "U",
    HOUSEHOLD: "H",
}


def _since(resident: Resident) -> date:
    return max(resident.birth_date, date(2015, 1, 1))

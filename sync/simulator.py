"""A pretend SOPA: it holds records about a made-up population, changes them slowly, and knows what must come of it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sync.caseload import Grant, caseload, disability_grant, means_grant, months_later
from sync.notice import Op
from sync.population import Resident, population

_MEANS = ("TRUCIGA", "MAZNODROSINATA")
_AUTHORITY = {
    "JLG": "Jelgavas Sociālo lietu pārvalde",
    "RIX": "Rīgas Sociālais dienests",
    "DGP": "Daugavpils Sociālais dienests",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the pretend system, in full and as of its version."""

    record_id: str
    version: int
    op: Op
    resident: Resident
    grant: Grant
    decided_on: date


class Simulator:
    """One source with its records; `initial` once, then `step` as often as one likes. Seeded, so it can be repeated."""

    def __init__(self, source: str, seed: int, persons: int, on: date) -> None:
        self.source = source
        self.households = population(seed, persons, on)
        self._rng = random.Random(seed)  # noqa: S311 - seeded on purpose
        self._records: dict[str, Record] = {}
        self._first_day = on

    @property
    def residents(self) -> tuple[Resident, ...]:
        return tuple(member for household in self.households for member in household.members)

    def initial(self, at: datetime) -> list[dict[str, Any]]:
        """The first load: one event for each record on file."""
        return [
            self._put(self._new(resident, grant, grant.valid_from), at)
            for household in self.households
            for resident, grant in caseload(self._rng, household, self._first_day)
        ]

    def residences(self, at: datetime) -> list[dict[str, Any]]:
        """Where each resident is declared, one event each; sent before the first load."""
        return [self._residence(number, resident, at) for number, resident in enumerate(self.residents, start=1)]

    def step(self, at: datetime) -> list[dict[str, Any]]:
        """One thing that happened at the office on this day: new, extended, withdrawn or corrected into the past."""
        changes = (self._grant, self._extend, self._withdraw, self._correct)
        change: Callable[[date], Record] = self._rng.choices(changes, weights=(4, 3, 2, 1))[0]
        return [self._put(change(at.date()), at)]

    def expected(self) -> Mapping[str, Record]:
        """The oracle: what the receiver's ledger must hold for each record id, once it has received everything."""
        return dict(self._records)

    def _new(self, resident: Resident, grant: Grant, decided_on: date) -> Record:
        return Record(f"S-{len(self._records) + 1:06}", 1, Op.UPSERT, resident, grant, decided_on)

    def _put(self, record: Record, at: datetime) -> dict[str, Any]:
        self._records[record.record_id] = record
        return event_of(record, self.source, str(uuid.UUID(int=self._rng.getrandbits(128), version=4)), at)

    def _residence(self, number: int, resident: Resident, at: datetime) -> dict[str, Any]:
        data = {
            "record_id": f"R-{number:06}",
            "version": 1,
            "op": Op.UPSERT.value,
            "person": _person(resident),
            "municipality": resident.municipality,
            "since": max(resident.birth_date, date(2015, 1, 1)).isoformat(),
        }
        return _event(self.source, f"residence-{number}-1", "residence.changed.v1", at, data)

    def _grant(self, on: date) -> Record:
        resident = self._rng.choice(self.residents)
        if self._rng.random() < 0.2:
            return self._new(resident, disability_grant(self._rng, resident, on), on)
        return self._new(resident, means_grant(self._rng, self._rng.choice(_MEANS), on), on)

    def _extend(self, on: date) -> Record:
        return self._change(on, lambda grant: replace(grant, valid_until=_extended(grant, self._rng)))

    def _correct(self, on: date) -> Record:
        # The days were wrong from the beginning: two weeks fewer at the end, some of them already lived through.
        return self._change(on, _shortened)

    def _withdraw(self, on: date) -> Record:
        record = self._pick(on)
        if record is None:
            return self._grant(on)
        return replace(record, version=record.version + 1, op=Op.WITHDRAW, decided_on=on)

    def _change(self, on: date, change: Callable[[Grant], Grant]) -> Record:
        record = self._pick(on)
        if record is None:
            return self._grant(on)
        return replace(record, version=record.version + 1, grant=change(record.grant), decided_on=on)

    def _pick(self, on: date) -> Record | None:
        open_records = list(self._changeable(on))
        return self._rng.choice(open_records) if open_records else None

    def _changeable(self, on: date) -> Iterator[Record]:
        for record in self._records.values():
            until = record.grant.valid_until
            if record.op is Op.UPSERT and record.grant.status in _MEANS and until is not None and until > on:
                yield record


def event_of(record: Record, source: str, event_id: str, at: datetime) -> dict[str, Any]:
    """The record as a CloudEvent in the JSON format; days on the wire are inclusive."""
    until = record.grant.valid_until
    data = {
        "record_id": record.record_id,
        "version": record.version,
        "op": record.op.value,
        "person": _person(record.resident),
        "status": record.grant.status,
        "valid_from": record.grant.valid_from.isoformat(),
        "valid_to": None if until is None else (until - timedelta(days=1)).isoformat(),
        "decision": _decision(record),
        "household": record.resident.household,
    }
    return _event(source, event_id, "status.fact.v1", at, data)


def _event(source: str, event_id: str, event_type: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def _person(resident: Resident) -> dict[str, str]:
    return {
        "code": resident.code,
        "given_name": resident.given_name,
        "family_name": resident.family_name,
        "birth_date": resident.birth_date.isoformat(),
    }


def _decision(record: Record) -> dict[str, str]:
    return {
        "number": f"{record.decided_on.year}/{record.record_id[2:]}-{record.version}",
        "date": record.decided_on.isoformat(),
        "authority": _AUTHORITY[record.resident.municipality],
    }


def _extended(grant: Grant, rng: random.Random) -> date | None:
    return None if grant.valid_until is None else months_later(grant.valid_until, rng.choice((3, 6)))


def _shortened(grant: Grant) -> Grant:
    if grant.valid_until is None:
        return grant
    return replace(grant, valid_until=max(grant.valid_until - timedelta(days=14), grant.valid_from + timedelta(days=1)))

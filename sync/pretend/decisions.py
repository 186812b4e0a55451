"""Decisions of a pretend office on statuses: new ones, prolonged, corrected into the past, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sync.caseload import Grant, disability_grant, means_grant, months_later
from sync.pretend.record import Record
from sync.simulator import Simulator

MEANS = ("TRUCIGA", "MAZNODROSINATA")
_DAY = timedelta(days=1)


def decide(office: Simulator, at: datetime) -> Record:
    """A new decision about somebody."""
    who, on = _anybody(office), at.date()
    if office.rng.random() < 0.2:
        grant = disability_grant(office.rng, office.people[who], on)
    else:
        grant = means_grant(office.rng, office.rng.choice(MEANS), on)
    return office.grant(who, grant, on, at)


def extend(office: Simulator, at: datetime) -> Record | None:
    """A decision is prolonged by three or six months."""
    return _changed(office, at, lambda grant, until: months_later(until, office.rng.choice((3, 6))))


def correct(office: Simulator, at: datetime) -> Record | None:
    """The days were wrong from the beginning: two weeks fewer at the end, some of them already lived through."""
    return _changed(office, at, lambda grant, until: max(until - timedelta(days=14), grant.valid_from + _DAY))


def withdraw(office: Simulator, at: datetime) -> Record | None:
    """A decision is taken back."""
    found = _changeable(office, at.date())
    return office.withdraw(office.rng.choice(found).record_id, at) if found else None


def _changed(office: Simulator, at: datetime, until: Callable[[Grant, date], date]) -> Record | None:
    found = _changeable(office, at.date())
    if not found:
        return None
    record = office.rng.choice(found)
    before = _grant(record)
    grant = replace(before, valid_until=until(before, before.valid_until or at.date()))
    return office.grant(record.person, grant, at.date(), at, record.record_id)


def _changeable(office: Simulator, on: date) -> list[Record]:
    """Decisions on means that run and may be changed: those of the living."""
    return [record for record in office.standing() if _runs(record, on) and office.lives(record.person)]


def _runs(record: Record, on: date) -> bool:
    grant = _grant(record)
    return grant.status in MEANS and grant.valid_until is not None and grant.valid_until > on


def _grant(record: Record) -> Grant:
    if record.grant is None:
        raise TypeError(record.type)
    return record.grant


def _anybody(office: Simulator) -> int:
    return office.rng.choice([who for who in range(len(office.people)) if office.lives(who)])

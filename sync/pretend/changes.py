"""What happens at a pretend office in the course of a day: one change at a time, with plausible frequencies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sync.pretend.decisions import correct, decide, extend, withdraw
from sync.pretend.lives import change_code, die, double, join_household, merge, move, unmerge
from sync.pretend.record import Record
from sync.simulator import Simulator

Change = Callable[[Simulator, datetime], Record | None]
CHANGES: dict[Change, int] = {
    decide: 28,
    extend: 26,
    withdraw: 24,
    correct: 8,
    change_code: 2,
    double: 2,
    merge: 2,
    unmerge: 1,
    die: 1,
    move: 3,
    join_household: 3,
}
"""Each change and how often it happens beside the others."""


def step(office: Simulator, at: datetime) -> Record:
    """One thing that happened on this day; a new decision where what was drawn is impossible just now."""
    change = office.rng.choices(tuple(CHANGES), weights=tuple(CHANGES.values()))[0]
    return change(office, at) or decide(office, at)

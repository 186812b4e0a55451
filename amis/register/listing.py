"""What a list of persons would do to a group: a verdict on each row, and who joins or leaves on which days."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from amis.register.sheet import Line
from amis.web.formats import parse_day
from rules.errors import EmptyPeriod, ReversedPeriod
from rules.period import EMPTY, Days, Period
from sync import personal_code
from sync.errors import PersonalCodeInvalid


class Mode(StrEnum):
    """What a list means for those whom it does not name."""

    DELTA = "delta"  # nothing: its rows are added
    WHOLE = "whole"  # from its day on they are no members


class Verdict(StrEnum):
    """What becomes of a row."""

    OK = "ok"
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"
    BAD_CODE = "bad_code"
    BAD_PERIOD = "bad_period"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict."""

    line: Line
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """The days on which somebody is a member, before and after."""

    person_id: UUID
    before: Days
    after: Days

    @property
    def joined(self) -> Days:
        """Days that are gained."""
        return self.after - self.before

    @property
    def left(self) -> Days:
        """Days that are lost."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class ListDiff:
    """The verdicts by row and the changes by person; `unchanged` persons are on the list as they should be."""

    rows: tuple[Judged, ...]
    changes: tuple[Change, ...]
    unchanged: int

    @property
    def joins(self) -> int:
        """Persons who gain days."""
        return sum(bool(change.joined) for change in self.changes)

    @property
    def leaves(self) -> int:
        """Persons who lose days."""
        return sum(bool(change.left) for change in self.changes)

    @property
    def digest(self) -> str:
        """SHA-256 in hex of the changes: the same for two diffs that do the same."""
        text = "\n".join(f"{each.person_id} {each.before} {each.after}" for each in self.changes)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    digits: str
    days: Days | None
    verdict: Verdict | None


def compared(
    lines: Iterable[Line], known: Mapping[UUID, Days], found: Mapping[str, UUID], mode: Mode, since: date
) -> ListDiff:
    """What the list does to members `known`; `found` are the persons by code.

    A row without a first day begins on `since`, from which day on a whole list counts for everybody. A person may
    have several rows: the days of all are meant.
    """
    rows = _once([_read(line, since) for line in lines], found)
    listed: dict[UUID, Days] = defaultdict(Days)
    for row in rows:
        if row.days is not None and row.digits in found:
            listed[found[row.digits]] |= row.days
    from_then = Days.of(Period(since, None)) if mode is Mode.WHOLE else EMPTY
    affected = sorted({*listed, *known}) if mode is Mode.WHOLE else sorted(listed)
    changes = [_change(person, known.get(person, EMPTY), listed.get(person, EMPTY), from_then) for person in affected]
    changed = tuple(change for change in changes if change.before != change.after)
    return ListDiff(tuple(_judged(row, known, found) for row in rows), changed, len(changes) - len(changed))


def digits_in(line: Line) -> str:
    """The eleven digits of the row's personal code; empty where it has none."""
    try:
        return personal_code.parse(line.code).digits
    except PersonalCodeInvalid:
        return ""


def _change(person_id: UUID, before: Days, listed: Days, from_then: Days) -> Change:
    return Change(person_id, before, (before - (from_then - listed)) | listed)


def _read(line: Line, since: date) -> _Row:
    digits = digits_in(line)
    if not digits:
        return _Row(line, "", None, Verdict.BAD_CODE)
    try:
        first = parse_day(line.first) if line.first else since
        days = Days.of(Period.inclusive(first, parse_day(line.last) if line.last else None))
    except (ValueError, EmptyPeriod, ReversedPeriod):
        return _Row(line, digits, None, Verdict.BAD_PERIOD)
    return _Row(line, digits, days, None)


def _once(rows: Sequence[_Row], found: Mapping[str, UUID]) -> list[_Row]:
    seen: set[tuple[object, Days | None]] = set()
    once = []
    for row in rows:
        key = found.get(row.digits, row.digits), row.days
        repeated = row.verdict is None and key in seen
        once.append(_Row(row.line, row.digits, None, Verdict.DUPLICATE) if repeated else row)
        seen.add(key)
    return once


def _judged(row: _Row, known: Mapping[UUID, Days], found: Mapping[str, UUID]) -> Judged:
    if row.verdict is not None or row.days is None:
        return Judged(row.line, row.verdict or Verdict.BAD_PERIOD)
    person_id = found.get(row.digits)
    if person_id is None:
        return Judged(row.line, Verdict.UNKNOWN)
    there = row.days <= known.get(person_id, EMPTY)
    return Judged(row.line, Verdict.UNCHANGED if there else Verdict.OK)

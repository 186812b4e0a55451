"""What a run of changes amounts to: pure, so that every order of them can be tried.

Several rules may give one concession, and each may change more than once before anybody is told. What counts is which
days the person had before the first of the changes and has after the last one; days that are over are nobody's news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from amis.notifying.kinds import Kind
from rules.period import Days, Period


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what one rule gives: days gained and days lost."""

    gained: Days
    lost: Days


@dataclass(frozen=True, slots=True)
class Turn:
    """What to tell of a concession: the kind, and the first and last day (inclusive; None is open) that it speaks of.

    The days are those that the person has now, or for an ended one those that the person no longer has.
    """

    kind: Kind
    first: date | None
    last: date | None


def before(after: Days, steps: Iterable[Step]) -> Days:
    """The days that a rule gave before these changes, in the order in which they happened, made them `after`."""
    days = after
    for step in reversed(list(steps)):
        days = (days - step.gained) | step.lost
    return days


def turn(had: Days, has: Days, today: date) -> Turn | None:
    """What has become of a concession from `today` on; None where that is nothing."""
    future = Days.of(Period(today, None))
    had, has = had & future, has & future
    if had == has:
        return None
    if not has:
        return _told(Kind.ENDED, had)
    if not had:
        return _told(Kind.BEGINS, has)
    return _told(Kind.SHORTENED if _shorter(had, has) else Kind.PROLONGED, has)


def _shorter(had: Days, has: Days) -> bool:
    """Days were taken away, and none came at the end for them."""
    return bool(had - has) and _end(has) <= _end(had)


def _told(kind: Kind, days: Days) -> Turn:
    spells = list(days)
    return Turn(kind, spells[0].start, spells[-1].last)


def _end(days: Days) -> date:
    end = list(days)[-1].end
    return date.max if end is None else end

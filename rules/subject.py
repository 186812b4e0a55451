"""What a leaf looks at, and all that can be found there: a finite stand-in for every possible person and day.

Leaves that look at the same subject are compared exactly: two ages, two thresholds of one number, values of one
fact. Between subjects nothing is assumed, so what cannot be among these points can be nowhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import cast

from rules.figure import COMPARE
from rules.node import Age, Condition, Count, During, Has, Member, Num, Param, Related
from rules.period import Days
from rules.tariff import QUANTUM
from rules.vocabulary import Vocabulary, WhenMissing

OPEN = "open"  # the datum that decides is not known
NONE = "none"  # there is nothing: no number, not born yet
_ANY_DAY = date(2000, 1, 1)
_MOST_VALUES = 10  # of one fact: 1024 combinations
_OTHER = None  # a value that no leaf names
Answer = Callable[[object], bool | None]


class TooManyWorlds(Exception):
    """The condition has more alternatives than are worth looking through."""


@dataclass(frozen=True, slots=True)
class Look:
    """A leaf's subject, the points at which its answer may change, and its answer at each point of the subject."""

    subject: object
    points: frozenset[object]
    answer: Answer


def look(leaf: Condition, vocabulary: Vocabulary) -> Look:
    """What the leaf looks at. A leaf that has no subject of its own is one, and may be anything."""
    match leaf:
        case Has():
            return _has(leaf, vocabulary)
        case Num():
            return _num(leaf, vocabulary)
        case Age():
            return _age(leaf)
        case Related() | Count():
            return _count(leaf)
        case During(when):
            days = vocabulary.calendars[when] if isinstance(when, str) else Days.of(when)
            return Look("day", frozenset(_around(days)), lambda day: cast(date, day) in days)
    # membership of a list is known, what lies in the past of a moved part need not be
    unclear = frozenset() if isinstance(leaf, Member) else frozenset({OPEN})
    return Look(leaf, unclear | {True, False}, lambda point: None if point == OPEN else point is True)


def together(looks: list[Look]) -> dict[object, frozenset[object]]:
    """All points of each subject, from those that its leaves name. Raises TooManyWorlds."""
    found: dict[object, frozenset[object]] = {}
    for one in looks:
        found[one.subject] = found.get(one.subject, frozenset()) | one.points
    return {subject: _spread(subject, points) for subject, points in found.items()}


def _spread(subject: object, points: frozenset[object]) -> frozenset[object]:
    match subject:
        case ("has", _):  # values can be present together
            if len(points) > _MOST_VALUES:
                raise TooManyWorlds
            sizes = range(len(points) + 1)
            return frozenset(frozenset(one) for size in sizes for one in combinations(points, size))
        case ("count", _, _):  # so many certainly, so many possibly
            numbers = cast(frozenset[int], points)
            return frozenset((least, most) for least in numbers for most in numbers if least <= most)
    return points


def _has(leaf: Has, vocabulary: Vocabulary) -> Look:
    nothing = _silence(leaf.fact, vocabulary)

    def answer(point: object) -> bool | None:
        present = cast(frozenset[str | None], point)
        if not present:
            return nothing
        return leaf.values is None or bool(leaf.values & present)

    return Look(("has", leaf.fact), frozenset({_OTHER, *(leaf.values or ())}), answer)


def _silence(kind: str, vocabulary: Vocabulary) -> bool | None:
    return None if vocabulary.facts[kind].when_missing is WhenMissing.UNKNOWN else False


def _num(leaf: Num, vocabulary: Vocabulary) -> Look:
    """One number a day is assumed: a rule that needs two at once is as good as contradictory."""
    limit, subject = Decimal(0), ("num", leaf.fact, leaf.value if isinstance(leaf.value, Param) else None)
    points: set[object] = {NONE}
    if isinstance(leaf.value, Param):  # the number less the figure of the law
        points.add(OPEN)
    else:
        limit = leaf.value
    nothing, fits = _silence(leaf.fact, vocabulary), COMPARE[leaf.op]

    def answer(number: object) -> bool | None:
        if isinstance(number, Decimal):
            return fits(number, limit)
        return None if number == OPEN else nothing

    return Look(subject, frozenset(points | {limit - QUANTUM, limit, limit + QUANTUM}), answer)


def _age(leaf: Age) -> Look:
    years = leaf.years if isinstance(leaf.years, int) else 0
    subject = "age", leaf.feb29, None if isinstance(leaf.years, int) else leaf.years

    def answer(age: object) -> bool | None:
        if not isinstance(age, int):
            return None if age == OPEN else False
        return age >= years if leaf.op == "ge" else age < years

    return Look(subject, frozenset({OPEN, NONE, years - 1, years}), answer)


def _count(leaf: Related | Count) -> Look:
    """Points are pairs: how many relatives certainly meet the condition, and how many possibly do."""
    op, value = (leaf.op, leaf.value) if isinstance(leaf, Count) else ("ge", 1)
    fits = COMPARE[op]

    def answer(point: object) -> bool | None:
        least, most = cast(tuple[int, int], point)
        answers = {fits(Decimal(number), Decimal(value)) for number in range(least, most + 1)}
        return answers.pop() if len(answers) == 1 else None

    near = frozenset(number for number in (0, value - 1, value, value + 1) if number >= 0)
    return Look(("count", leaf.relation, leaf.where), near, answer)


def _around(days: Days) -> Iterator[object]:
    yield _ANY_DAY
    for edge in days.edges:
        yield edge
        if edge > date.min:
            yield edge - timedelta(days=1)

"""The worlds in which a condition holds: a boolean view of it, exact within each subject it speaks of.

A subject is what several leaves look at together: the values of one fact, one age, one number, the day. A leaf
leaves only some points of its subject; a region gives for each subject the points that remain.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product

from rules.figure import COMPARE
from rules.node import (
    Age,
    All,
    Any,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
    walk,
)
from rules.period import Days
from rules.vocabulary import Vocabulary, WhenMissing

Subject = object
Point = object
Region = dict[Subject, frozenset[Point]]
_MOST_VALUES = 6  # named values of a fact: 64 combinations
_MOST_REGIONS = 512


class TooManyWorlds(Exception):
    """The condition has more alternatives than are worth looking through."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a part has to be: `value`, surely; or at least not certainly the opposite."""

    value: bool
    surely: bool = True

    def __invert__(self) -> "Wish":
        return Wish(not self.value, self.surely)

    def fits(self, answer: bool | None) -> bool:
        """Does an answer (None = undetermined) grant the wish."""
        return answer is self.value or (answer is None and not self.surely)

"""Suspension orders: the days on which an order stops the use of a concession for a person. Pure.

An order takes no right away: a suspended day stays granted and comes back by itself when the order ends. What the
orders on a concession stop is a condition like those of rules, so whoever it concerns, it is evaluated for one person
in Python and for a whole register in SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any as Anything

from amis.kernel.models import STATE
from rules.condition import parse
from rules.evaluate import PersonFacts, evaluate
from rules.node import All, Any, Condition, During, Except
from rules.period import EMPTY, Days, Period
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Exemption:
    """Whom an order spares, and on which days; `period` None = on all days of the order."""

    condition: Condition
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order in force: concessions by shell patterns of their codes, e.g. `JLG-PENS*`, and its days.

    `grantor_id` made it: a municipality suspends its own concessions, the state those of everybody.
    """

    code: str
    grantor_id: int
    patterns: tuple[str, ...]
    period: Period
    exemptions: tuple[Exemption, ...] = ()

    def covers(self, concession_code: str, grantor_id: int) -> bool:
        """Whether the order suspends this concession of this grantor."""
        if self.grantor_id not in (STATE, grantor_id):
            return False
        return any(fnmatchcase(concession_code, pattern) for pattern in self.patterns)


def stopping(orders: Iterable[Order], concession_code: str, *, grantor_id: int) -> Condition | None:
    """The condition on which the orders stop a concession for a person; None where no order covers it.

    A person is stopped on the days on which it is not certainly false: who may be spared is not spared until it is
    known.
    """
    covering = [order for order in orders if order.covers(concession_code, grantor_id)]
    return stopping_by(covering) if covering else None


def stopping_by(orders: Sequence[Order]) -> Condition:
    """The condition on which at least one order stops whatever they all cover."""
    return Any(tuple(_stops(order) for order in orders))


def suspended(
    orders: Iterable[Order], concession_code: str, person: PersonFacts, vocabulary: Vocabulary, *, grantor_id: int
) -> Days:
    """The days on which any of the orders suspends the concession of `grantor_id` for the person."""
    condition = stopping(orders, concession_code, grantor_id=grantor_id)
    return EMPTY if condition is None else ~evaluate(condition, person, vocabulary).false


def sparing(order: Order) -> Condition | None:
    """The condition on which the order spares a person; None where it spares nobody."""
    return Any(tuple(_spares(one) for one in order.exemptions)) if order.exemptions else None


def _stops(order: Order) -> Condition:
    days, spared = During(order.period), sparing(order)
    return days if spared is None else Except(days, spared)


def _spares(one: Exemption) -> Condition:
    return one.condition if one.period is None else All((During(one.period), one.condition))


def exemptions_from(rows: Sequence[Mapping[str, Anything]], vocabulary: Vocabulary) -> tuple[Exemption, ...]:
    """Reads what a row keeps: `{"condition": tree, "from"?: day, "to"?: day}`, days half-open as in ISO 8601.

    Raises:
        rules.errors.Refused, rules.errors.EmptyPeriod, rules.errors.ReversedPeriod
        ValueError: a day that is none.
    """
    return tuple(_exemption(row, vocabulary) for row in rows)


def _exemption(row: Mapping[str, Anything], vocabulary: Vocabulary) -> Exemption:
    first, end = (date.fromisoformat(row[name]) if row.get(name) else None for name in ("from", "to"))
    limited = first is not None or end is not None
    return Exemption(parse(row["condition"], vocabulary), Period(first, end) if limited else None)

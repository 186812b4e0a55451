"""What a stated fact does to the record before it: pure, so that every order of versions can be tried.

A record is known by (source, record_id). Each statement carries its whole content and a version that only grows;
what was recorded stays, with the instants between which it was believed (Snodgrass, "Developing Time-Oriented Database
Applications in SQL", chapter 10: valid time and transaction time).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Protocol
from uuid import UUID

from amis.register.errors import FactContradicts, FactMalformed, FactOfAnother, FactStale, PeriodReversed

_LARGEST, _SMALLEST = Decimal(10**10), Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class FactChange:
    """A source states (upsert) or takes back (withdraw) a fact; days are half-open, `valid_to` None = without end.

    `num` is the number of a numeric kind, with at most four decimals; `value` may then be empty. `decision` names the
    decision behind it (number, date, authority), `provenance` how it came here.
    """

    kind: str
    value: str
    valid_from: date
    valid_to: date | None
    source: str
    record_id: str
    version: int
    op: Literal["upsert", "withdraw"] = "upsert"
    decision: dict[str, Any] | None = None
    provenance: dict[str, Any] | None = None
    num: Decimal | None = None

    @property
    def text(self) -> str:
        """The value, or where none is given the number as text."""
        return self.value or ("" if self.num is None else format(self.num.normalize(), "f"))


class Recorded(Protocol):
    """The newest recorded statement of a record; `closed_version` is the version that replaced or withdrew it.

    That is its own version where a snapshot of the source no longer named the record.
    """

    person_id: UUID
    kind: str
    value: str
    num: Decimal | None
    valid_from: date
    valid_to: date | None
    version: int
    closed_version: int | None


class Step(Enum):
    """What recording has to do."""

    NOTHING = "nothing"
    INSERT = "insert"
    REPLACE = "replace"
    CONFIRM = "confirm"  # a newer version of the same content: a new row, and no change for the person
    CLOSE = "close"


def check(change: FactChange) -> None:
    """Refuses a change that can never be recorded.

    Raises:
        FactMalformed, PeriodReversed
    """
    if not change.source or not change.record_id or not 1 <= change.version < 2**53:
        raise FactMalformed
    if change.num is not None and not _storable(change.num):
        raise FactMalformed(f"{change.num}", pointer="/num")
    if change.valid_to is not None and change.valid_to <= change.valid_from:
        raise PeriodReversed(f"{change.valid_from} - {change.valid_to}", pointer="/valid_to")


def _storable(num: Decimal) -> bool:
    return num.is_finite() and abs(num) < _LARGEST and num.quantize(_SMALLEST) == num


def step(latest: Recorded | None, person_id: UUID, change: FactChange) -> Step:
    """What `change` does to its record, whose newest statement is `latest`.

    Raises:
        FactOfAnother, FactStale, FactContradicts
    """
    if latest is None:
        return Step.INSERT if change.op == "upsert" else Step.NOTHING
    if latest.person_id != person_id:
        raise FactOfAnother(_named(change))
    known = latest.closed_version or latest.version
    if change.version < known:
        raise FactStale(f"{_named(change)}, version {known} is recorded")
    if change.version == known:
        return _repeated(latest, change)
    if change.op == "withdraw":
        return Step.NOTHING if latest.closed_version else Step.CLOSE
    if latest.closed_version:
        return Step.INSERT
    return Step.CONFIRM if _content(latest) == _content(change) else Step.REPLACE


def _repeated(latest: Recorded, change: FactChange) -> Step:
    withdrawn = latest.closed_version is not None
    same = withdrawn if change.op == "withdraw" else not withdrawn and _content(latest) == _content(change)
    if not same:
        raise FactContradicts(_named(change))
    return Step.NOTHING


def _content(stated: Recorded | FactChange) -> tuple[object, ...]:
    value = stated.text if isinstance(stated, FactChange) else stated.value
    return stated.kind, value, stated.num, stated.valid_from, stated.valid_to


def _named(change: FactChange) -> str:
    return f"{change.source} {change.record_id} version {change.version}"

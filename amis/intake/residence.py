"""Where somebody is declared, day by day, by everything that sources now say: pure, so that any order can be tried.

Each record tells one stay, from a day on; a corrected record tells it anew. The stays of a person follow one another,
and each lasts until the next one begins, whoever told of that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from amis.register.change import FactChange

KIND, ELSEWHERE = "residence", "other"
"""The kind of fact, and its value for whatever municipality has none of its own, and for abroad."""
MARK = "@"
"""Ends the records of facts that follow from notices."""


class Known(Protocol):
    """One version of a stated residence, as register.models.Fact has it."""

    value: str
    valid_from: date
    valid_to: date | None
    source: str
    record_id: str
    version: int
    closed_version: int | None
    decision: dict[str, Any] | None
    provenance: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Stay:
    """What a record of a source says now: from `since` on the person is declared in `value`."""

    source: str
    record_id: str
    value: str
    since: date
    provenance: dict[str, Any] | None

    @property
    def fact_record(self) -> str:
        """The record of the fact, which is written anew with others' stays too."""
        return self.record_id + MARK


def changes(stays: Sequence[Stay], history: Sequence[Known]) -> list[FactChange]:
    """What to record so that exactly these stays are believed.

    `stays` are in an order of which, on one day, the last counts; `history` are all versions of the person's residence,
    those left behind too.
    """
    newest = _newest(history)
    standing = [fact for fact in newest.values() if fact.closed_version is None]
    heard = {stay.since: stay for stay in stays}
    kept = [fact for fact in standing if not fact.record_id.endswith(MARK) and fact.valid_from not in heard]
    starts = sorted({*heard, *(fact.valid_from for fact in kept)})
    freed = {fact.valid_from for fact in standing} - {*starts}
    wanted = {(stay.source, stay.fact_record) for stay in heard.values()}
    gone = [fact for fact in standing if fact not in kept and (fact.source, fact.record_id) not in wanted]
    told = [
        *(_withdrawn(fact) for fact in gone),
        *(_until(fact, _end(fact, _after(fact.valid_from, starts), freed)) for fact in kept),
        *(_told(stay, _after(day, starts), newest.get((stay.source, stay.fact_record))) for day, stay in heard.items()),
    ]
    return [change for change in told if not _stands(change, newest.get((change.source, change.record_id)))]


def _after(day: date, starts: Sequence[date]) -> date | None:
    return next((start for start in starts if start > day), None)


def _end(fact: Known, following: date | None, freed: set[date]) -> date | None:
    """When a stay that was entered by hand ends: with the next one, or before it where somebody said so."""
    if fact.valid_to is None or fact.valid_to in freed:
        return following
    return fact.valid_to if following is None else min(fact.valid_to, following)


def _newest(history: Sequence[Known]) -> Mapping[tuple[str, str], Known]:
    ordered = sorted(history, key=lambda fact: fact.version)
    return {(fact.source, fact.record_id): fact for fact in ordered}


def _told(stay: Stay, end: date | None, before: Known | None) -> FactChange:
    version = 1 if before is None else _next(before)
    return FactChange(
        KIND, stay.value, stay.since, end, stay.source, stay.fact_record, version, provenance=stay.provenance
    )


def _stands(change: FactChange, before: Known | None) -> bool:
    """Whether the register says so already."""
    if before is None or before.closed_version is not None or change.op == "withdraw":
        return False
    return (before.value, before.valid_from, before.valid_to) == (change.value, change.valid_from, change.valid_to)


def _until(fact: Known, day: date | None) -> FactChange:
    return FactChange(
        KIND,
        fact.value,
        fact.valid_from,
        day,
        fact.source,
        fact.record_id,
        _next(fact),
        decision=fact.decision,
        provenance=fact.provenance,
    )


def _withdrawn(fact: Known) -> FactChange:
    return FactChange(
        KIND, fact.value, fact.valid_from, fact.valid_to, fact.source, fact.record_id, _next(fact), "withdraw"
    )


def _next(fact: Known) -> int:
    return (fact.closed_version or fact.version) + 1

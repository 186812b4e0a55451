"""Where somebody is declared, day by day, after a source said so once more: pure, so that any order can be tried.

Each notice tells one stay; the stays of a person follow one another, and each lasts until the next one begins, whoever
told of that. A record that names another municipality from a later day tells of a move. One that names an earlier day,
or the same municipality again, corrects what it said before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from amis.register.change import FactChange

KIND, ELSEWHERE = "residence", "other"
"""The kind of fact, and its value for whatever municipality has none of its own, and for abroad."""


_MARK = "@"
"""Stands in the records of facts that notices told."""


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
    """What a notice says: from `since` on the person is declared in `value`."""

    source: str
    record_id: str
    value: str
    since: date
    provenance: dict[str, Any]

    @property
    def fact_record(self) -> str:
        """The record of the fact: one of the source's own, as it may tell several stays under one name."""
        return f"{self.record_id}{_MARK}{self.since.isoformat()}"

    def tells(self, fact: Known) -> bool:
        """Whether a fact is what this record of the source said, now or before."""
        return fact.source == self.source and fact.record_id.rpartition(_MARK)[0] == self.record_id


def changes(stay: Stay, history: Sequence[Known]) -> list[FactChange]:
    """What to record; `history` are all versions of the person's residence, those left behind too."""
    newest = _newest(history)
    own = newest.get((stay.source, stay.fact_record))
    others = [fact for fact in newest.values() if fact.closed_version is None and fact is not own]
    gone = _gone(stay, others)
    kept = [fact for fact in others if fact not in gone]
    starts = sorted({stay.since, *(fact.valid_from for fact in kept)})
    freed = {fact.valid_from for fact in gone}
    told = [_withdrawn(fact) for fact in gone]
    for fact in kept:
        end = _end(fact, _after(fact.valid_from, starts), freed)
        told += [_until(fact, end)] if end != fact.valid_to else []
    return [*told, _told(stay, _after(stay.since, starts), own)]


def _after(day: date, starts: Sequence[date]) -> date | None:
    return next((start for start in starts if start > day), None)


def _end(fact: Known, following: date | None, freed: set[date]) -> date | None:
    """When a stay ends: with the next one, or before it where somebody said so by hand."""
    by_hand = fact.valid_to is not None and _MARK not in fact.record_id and fact.valid_to not in freed
    if not by_hand:
        return following
    return fact.valid_to if following is None else min(fact.valid_to or following, following)


def _newest(history: Sequence[Known]) -> Mapping[tuple[str, str], Known]:
    ordered = sorted(history, key=lambda fact: fact.version)
    return {(fact.source, fact.record_id): fact for fact in ordered}


def _gone(stay: Stay, others: Sequence[Known]) -> list[Known]:
    """The stays that are believed no longer."""
    before = [fact for fact in others if stay.tells(fact) and fact.valid_from < stay.since]
    corrected = max(before, key=lambda fact: fact.valid_from, default=None)
    if corrected is not None and corrected.value != stay.value:
        corrected = None
    return [
        fact
        for fact in others
        if fact.valid_from == stay.since or (stay.tells(fact) and fact.valid_from > stay.since) or fact is corrected
    ]


def _told(stay: Stay, end: date | None, before: Known | None) -> FactChange:
    version = 1 if before is None else _next(before)
    return FactChange(
        KIND, stay.value, stay.since, end, stay.source, stay.fact_record, version, provenance=stay.provenance
    )


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

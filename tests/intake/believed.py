"""What the register must believe after any messages, in a few lines of memory: sets of days instead of ranges."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

from sync.books import Books
from sync.notice import Op
from sync.order import LedgerEntry, RecordKey, take
from sync.verdict import Verdict

STATUS = "status.fact.v1"
MEANING = {"REPR": ("repressed", "yes"), "INV1": ("disability", "I")}
RIGHT = {"repressed": "JLG-REPR20", "disability": "LV-DIS-1-2"}
"""The right that follows from a kind of fact on each of its days until death."""
Days = frozenset[date]
Record = tuple[str, str]


def each(first: date, end: date) -> Days:
    """The days of `[first, end)`."""
    return frozenset(first + timedelta(number) for number in range((end - first).days))


@dataclass(frozen=True)
class Told:
    """One version of a record of a source, as it is sent."""

    source: str
    type: str
    data: Mapping[str, Any]

    @property
    def record(self) -> Record:
        return self.source, self.data["record_id"]

    @property
    def code(self) -> str:
        return str(self.data["person"]["code"])

    @property
    def entry(self) -> LedgerEntry:
        content = json.dumps([self.type, dict(self.data)], sort_keys=True).encode()
        return LedgerEntry(self.data["version"], Op(self.data["op"]), sha256(content).digest())

    def day(self, name: str) -> date:
        return date.fromisoformat(self.data[name])


@dataclass
class Believed:
    """The ledgers, what each record said last, whose each code was at first, and the order of the sources."""

    homes: dict[str, int]
    ranks: tuple[str, ...] = ()
    books: dict[str, Books] = field(default_factory=lambda: defaultdict(Books))
    others: dict[RecordKey, LedgerEntry] = field(default_factory=dict)
    said: dict[Record, Told] = field(default_factory=dict)

    def take(self, told: Told) -> Verdict:
        """One event, or one row of changes."""
        source, record_id = told.record
        if told.type == STATUS:
            outcome = self.books[source].take(record_id, told.entry)
        else:
            outcome = take(self.others, RecordKey(source, record_id), told.entry)
        self._heard([told], [outcome])
        return outcome

    def take_snapshot(self, source: str, rows: list[Told], as_of: int) -> tuple[list[Verdict], int]:
        """A snapshot: the verdicts on its rows and how many records it withdraws."""
        named = [(told.record[1], told.entry) for told in rows]
        verdicts, gone = self.books[source].take_snapshot(named, as_of)
        self._heard(rows, verdicts)
        return verdicts, len(gone)

    def standing(self, type_: str = STATUS) -> list[Told]:
        """What stands, in the order of sources and records."""
        entries = self.entries()
        return [
            self.said[record]
            for record, entry in sorted(entries.items())
            if entry.op is Op.UPSERT and self.said[record].type == type_
        ]

    def entries(self) -> dict[Record, LedgerEntry]:
        """The ledger of all sources."""
        found = {(key.source, key.record_id): entry for key, entry in self.others.items()}
        for source, books in self.books.items():
            found |= {(source, record_id): entry for record_id, entry in books.entries.items()}
        return found

    def people(self) -> dict[int, frozenset[int]]:
        """With whom each of those whom codes named at first is one person."""
        parted = {self._pair(told) for told in self.standing("person.unmerged.v1")}
        one = {home: frozenset({home}) for home in self.homes.values()}
        for told in self.standing("person.merged.v1"):
            if (pair := self._pair(told)) not in parted:
                joined = frozenset().union(*(one[home] for home in pair))
                one |= dict.fromkeys(joined, joined)
        return one

    def codes(self) -> set[frozenset[str]]:
        """Which codes are of one person."""
        one = self.people()
        return {frozenset(code for code, home in self.homes.items() if home in group) for group in one.values()}

    def facts(self) -> list[tuple[Any, ...]]:
        """Each standing status: record, version, kind, value, its days, whether it does not count, whose."""
        return sorted(
            (*told.record, told.data["version"], *MEANING[told.data["status"]], *_days(told), shadowed, min(group))
            for told, group, shadowed in self._counted()
        )

    def rights(self) -> dict[int, dict[str, Days]]:
        """Days of each person, who is named by the lowest of their numbers, by right."""
        died = self.died()
        found: dict[int, dict[str, Days]] = {min(group): {} for group in self.people().values()}
        for told, group, shadowed in self._counted():
            whose, rule = found[min(group)], RIGHT[MEANING[told.data["status"]][0]]
            first, end = _days(told)
            days = frozenset(day for day in each(first, end) if day < died.get(min(group), date.max))
            if days and not shadowed:
                whose[rule] = whose.get(rule, frozenset()) | days
        return found

    def died(self) -> dict[int, date]:
        """The first day of death that was told of a person."""
        found: dict[int, date] = {}
        for told in self.standing("person.died.v1"):
            whose = min(self._group(told))
            found[whose] = min(found.get(whose, date.max), told.day("died_on"))
        return found

    def residence(self) -> list[tuple[int, str, date, date | None]]:
        """Where each person is declared: one stay follows another, of one day the last record's."""
        stays: dict[int, dict[date, str]] = defaultdict(dict)
        for told in self.standing("residence.changed.v1"):
            stays[min(self._group(told))][told.day("since")] = told.data["municipality"]
        return sorted(stay for whose, told_of in stays.items() for stay in _following(whose, told_of))

    def _heard(self, told: Iterable[Told], verdicts: Iterable[Verdict]) -> None:
        for one, outcome in zip(told, verdicts, strict=True):
            if outcome is Verdict.APPLIED:
                self.said[one.record] = one
                if one.type == "person.code_changed.v1":
                    self.homes.setdefault(one.data["new_code"], self.homes[one.code])

    def _counted(self) -> Iterator[tuple[Told, frozenset[int], bool]]:
        """Each standing status, whose it is, and whether a better source speaks of that kind."""
        best: dict[tuple[frozenset[int], str], int] = defaultdict(lambda: len(self.ranks))
        standing = [(told, self._group(told), MEANING[told.data["status"]][0]) for told in self.standing()]
        for told, group, kind in standing:
            best[group, kind] = min(best[group, kind], self._rank(told, kind))
        for told, group, kind in standing:
            yield told, group, self._rank(told, kind) > best[group, kind]

    def _rank(self, told: Told, kind: str) -> int:
        return self.ranks.index(told.source) if kind == "repressed" and told.source in self.ranks else len(self.ranks)

    def _group(self, told: Told) -> frozenset[int]:
        return self.people()[self.homes[told.code]]

    def _pair(self, told: Told) -> frozenset[int]:
        return frozenset({self.homes[told.code], self.homes[told.data["merged"]["code"]]})


def _days(told: Told) -> tuple[date, date]:
    return told.day("valid_from"), told.day("valid_to") + timedelta(1)


def _following(whose: int, told: Mapping[date, str]) -> Iterator[tuple[int, str, date, date | None]]:
    starts = [*sorted(told), None]
    for first, end in pairwise(starts):
        assert first is not None
        yield whose, told[first], first, end

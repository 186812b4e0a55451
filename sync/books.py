"""A source's records in memory by the rules of `sync.order`: what a receiver must hold after the same messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync import order
from sync.order import LedgerEntry
from sync.verdict import Verdict


@dataclass(slots=True)
class Books:
    """The ledger of one source by record id, and the floor that its snapshots have set."""

    entries: dict[str, LedgerEntry] = field(default_factory=dict)
    floor: int | None = None

    def take(self, record_id: str, arriving: LedgerEntry) -> Verdict:
        """One notice of a status."""
        outcome = order.verdict(self.entries.get(record_id), arriving, self.floor)
        return self._kept(record_id, arriving, outcome)

    def take_snapshot(self, rows: Sequence[tuple[str, LedgerEntry]], as_of: int) -> tuple[list[Verdict], list[str]]:
        """A whole snapshot: the verdict on each row, and the records that it withdraws by not naming them."""
        if order.is_superseded(as_of, self.floor):
            return [Verdict.STALE] * len(rows), []
        verdicts = [self._take_row(record_id, row, as_of) for record_id, row in rows]
        self.floor = as_of
        return verdicts, self._withdraw({record_id for record_id, _ in rows}, as_of)

    def settled(self) -> Mapping[str, LedgerEntry]:
        """The entries that do not depend on the order in which the messages came."""
        return {name: entry for name, entry in self.entries.items() if order.settled(entry, self.floor)}

    def _take_row(self, record_id: str, row: LedgerEntry, as_of: int) -> Verdict:
        outcome = order.snapshot_verdict(self.entries.get(record_id), row, as_of, self.floor)
        return self._kept(record_id, row, outcome)

    def _kept(self, record_id: str, arriving: LedgerEntry, outcome: Verdict) -> Verdict:
        if outcome is Verdict.APPLIED:
            self.entries[record_id] = arriving
        return outcome

    def _withdraw(self, named: set[str], as_of: int) -> list[str]:
        entries = self.entries.items()
        gone = [name for name, entry in entries if name not in named and order.is_absent(entry, as_of)]
        for name in gone:
            self.entries[name] = order.absent(self.entries[name], as_of)
        return sorted(gone)

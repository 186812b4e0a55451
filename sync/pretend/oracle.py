"""What a receiver must hold after what it was sent, and what it must have answered: told before each exchange.

It orders by `sync.order` what was sent, in the order of sending, and knows whose each code is. So it foretells the
verdict on every event and row, the digest of the ledger, and the statuses that hold for each person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync.books import Books
from sync.digest import Digest, differing
from sync.notice import Op
from sync.order import LedgerEntry, is_absent, is_superseded, settled
from sync.pretend.codes import Codes
from sync.pretend.record import STATUS
from sync.verdict import Verdict

SHARE_HELD, ROWS_HELD = 0.02, 50
"""A snapshot that withdraws more than both of these waits for a person."""
Row = Mapping[str, Any]
Held = tuple[str, str, str | None]
"""A status that holds: its code and its first and last day on the wire."""


@dataclass(frozen=True, slots=True)
class SnapshotOutcome:
    """What becomes of a snapshot: the verdict on each row and how many records it withdraws, or that it is held."""

    verdicts: tuple[Verdict, ...]
    withdrawn: int
    held: bool = False


@dataclass(slots=True)
class Oracle:
    """One receiver's knowledge of one source."""

    source: str
    statuses: Books = field(default_factory=Books)
    others: Books = field(default_factory=Books)
    rows: dict[str, Row] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)

    def event(self, kind: str, row: Row) -> Verdict:
        """One event, or one row of a delta."""
        books = self.statuses if kind == STATUS else self.others
        verdict = books.take(row["record_id"], _entry(kind, row))
        if verdict is Verdict.APPLIED:
            self.rows[row["record_id"]] = row
            self.codes.learn(kind, row)
        return verdict

    def snapshot(self, rows: Sequence[Row], as_of: int, *, released: bool = False) -> SnapshotOutcome:
        """A snapshot of statuses; where it is held nothing changes, until somebody has it `released`."""
        if not released and self.would_hold(rows, as_of):
            return SnapshotOutcome((), 0, held=True)
        entries = [(row["record_id"], _entry(STATUS, row)) for row in rows]
        verdicts, gone = self.statuses.take_snapshot(entries, as_of)
        for row, verdict in zip(rows, verdicts, strict=True):
            if verdict is Verdict.APPLIED:
                self.rows[row["record_id"]] = row
                self.codes.learn(STATUS, row)
        return SnapshotOutcome(tuple(verdicts), len(gone))

    def would_hold(self, rows: Sequence[Row], as_of: int) -> bool:
        """Whether a snapshot is one that waits for a person."""
        if is_superseded(as_of, self.statuses.floor):
            return False
        return self.absences(rows, as_of) > max(ROWS_HELD, SHARE_HELD * self.standing())

    def absences(self, rows: Iterable[Row], as_of: int) -> int:
        """How many standing records a snapshot would withdraw by not naming them."""
        named = {row["record_id"] for row in rows}
        entries = self.statuses.entries.items()
        return sum(name not in named and is_absent(entry, as_of) for name, entry in entries)

    def digest(self, as_of: int | None) -> Digest:
        """The ledger in 256 buckets; `as_of` as the receiver names it."""
        found = Digest(self.source, as_of)
        for books in (self.statuses, self.others):
            for record_id, entry in books.entries.items():
                if settled(entry, as_of):
                    found.add(record_id, entry.version, entry.op)
        return found

    def drift(self, theirs: Digest) -> list[int]:
        """The buckets in which the receiver holds something else."""
        return differing(self.digest(theirs.as_of), theirs)

    def expected(self) -> dict[str, list[Held]]:
        """The statuses that hold, by a code of the person who has them; each person once, under the oldest code."""
        found: dict[str, list[Held]] = {}
        for record_id, entry in self.statuses.entries.items():
            row = self.rows[record_id]
            if entry.op is Op.UPSERT:
                held = (row["status"], row["valid_from"], row["valid_to"])
                found.setdefault(self.codes.person_of(row["person"]["code"]), []).append(held)
        return {code: sorted(held, key=str) for code, held in found.items()}

    def standing(self) -> int:
        """How many statuses stand."""
        return sum(entry.op is Op.UPSERT for entry in self.statuses.entries.values())


def _entry(kind: str, row: Row) -> LedgerEntry:
    content = json.dumps([kind, row], sort_keys=True, ensure_ascii=False).encode()
    return LedgerEntry(row["version"], Op(row["op"]), hashlib.sha256(content).digest())

"""The course of a pretend source's work: what happens, on which way it is sent, and when trouble is made.

Everything is drawn from one seed. Planning changes what the oracle knows, sending does not: playing the same moments
again without sending brings a stopped player back to where it was.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle

from sync.notice import Op
from sync.order import LedgerEntry
from sync.pretend.changes import CHANGES, step
from sync.pretend.decisions import decide
from sync.pretend.desk import EVENT_WAYS, FILE_WAYS, LETTERS, Desk, parts
from sync.pretend.exchange import Exchange
from sync.pretend.file_mischief import FILE_TROUBLE
from sync.pretend.lives import double, merge
from sync.pretend.mischief import EVENT_TROUBLE, Trouble
from sync.pretend.oracle import Oracle
from sync.pretend.record import STATUS, Record
from sync.simulator import Simulator

LONGEST_OUTAGE = 12
"""Turns for which a source may say nothing."""
OUTAGE, LATE = "outage", "late"
"""The names under which the scoreboard counts what is sent after a silence, and after newer things."""
_OUTAGE, _HEARTBEAT, _LATE = 0.02, 0.1, 0.2
_FILES = 0.15
"""The share of turns that end in a file where both files and events are sent."""


@dataclass(slots=True)
class Player:
    """Plans what one source sends; `ways` are of EVENT_WAYS, FILE_WAYS, LETTERS, `mischief` is its share of turns."""

    office: Simulator
    seed: int
    ways: Sequence[str] = EVENT_WAYS
    mischief: float = 0.0
    keys: Sequence[str] = ("v1",)
    oracle: Oracle = field(init=False)
    desk: Desk = field(init=False)
    backlog: list[Record] = field(default_factory=list)
    silent: int = 0

    def __post_init__(self) -> None:
        # another stream than the office's: what happens there does not depend on how it is sent
        rng = random.Random(f"{self.seed}/desk")  # noqa: S311 - seeded on purpose
        self.oracle = Oracle(self.office.source)
        self.desk = Desk(self.office, self.oracle, rng, self.keys)

    @property
    def troubles(self) -> Mapping[str, Trouble]:
        """The mischief that these ways allow."""
        return {**EVENT_TROUBLE, **FILE_TROUBLE} if self._file_ways() else EVENT_TROUBLE

    def first_load(self, at: datetime) -> Iterator[Exchange]:
        """Where everybody lives and every status on file; a snapshot where files can be sent."""
        yield from self.desk.records(self.office.residences(at), "batched")
        records = self.office.initial(at)
        snapshots = [way for way in self._file_ways() if parts(way)[0] == "snapshot"]
        if snapshots:
            yield self.desk.snapshot(self.desk.rng.choice(snapshots))
        else:
            yield from self.desk.records(records, "batched")

    def turn(self, at: datetime) -> Iterator[Exchange]:
        """One change at the office, and what is sent because of it or in spite of it."""
        self.backlog.append(step(self.office, at))
        if self.silent:
            self.silent -= 1
            if not self.silent:
                yield from self._by_events("batched", OUTAGE)
        elif self.mischief and self.desk.rng.random() < _OUTAGE:
            self.silent = self.desk.rng.randint(3, LONGEST_OUTAGE)
        else:
            yield from self._open_turn(at)

    def _open_turn(self, at: datetime) -> Iterator[Exchange]:
        rng = self.desk.rng
        files = self._file_ways()
        events = [way for way in self.ways if way not in files]
        yield from self.flush(rng.choice(files if files and (not events or rng.random() < _FILES) else events))
        if rng.random() < self.mischief:
            yield from self.troubles[rng.choice(tuple(self.troubles))](self.desk, at)
        if self.desk.late and rng.random() < _LATE:
            yield from self.deliver_late()
        if rng.random() < _HEARTBEAT:
            yield self.desk.heartbeat(at, len(self.desk.late))

    def tour(self, at: datetime) -> Iterator[Exchange]:
        """Every change, way and mischief once, an outage, and in the end nothing is left to say."""
        for change, way in zip((*CHANGES, double, merge), cycle(EVENT_WAYS), strict=False):
            self.backlog.append(change(self.office, at) or decide(self.office, at))
            yield from self._by_events(way)
        for way in self.ways:
            self.backlog.append(decide(self.office, at))
            yield from self.flush(way)
        for trouble in self.troubles.values():
            yield from trouble(self.desk, at)
        self.backlog += [step(self.office, at) for _ in range(LONGEST_OUTAGE)]
        yield self.desk.heartbeat(at, len(self.backlog))
        yield from self._by_events("batched", OUTAGE)
        yield from self.settle(at)

    def settle(self, _at: datetime) -> Iterator[Exchange]:
        """Sends all that is left, by events."""
        yield from self._by_events("batched")
        yield from self.deliver_late()

    def flush(self, way: str) -> Iterator[Exchange]:
        """Sends the backlog. Only statuses go by file or letter; others, and what comes before them, go as events."""
        if way in EVENT_WAYS:
            yield from self._by_events(way)
            return
        if any(record.type != STATUS for record in self.backlog):
            yield from self._by_events("batched")
        waiting, self.backlog = self.backlog, []
        if way == LETTERS:
            yield from map(self.desk.letter, waiting)
        elif parts(way)[0] == "snapshot":
            # it tells all of them; the single ones come late, and change nothing any more
            self.desk.late += waiting
            yield self.desk.snapshot(way)
        elif waiting:
            yield self.desk.delta([record.row for record in waiting], way)

    def deliver_late(self) -> Iterator[Exchange]:
        """Sends what was kept on its way, in no order."""
        late, self.desk.late = self.desk.late, []
        self.desk.rng.shuffle(late)
        yield from self.desk.records(late, "structured", LATE)

    def behind(self) -> list[str]:
        """Records of which the receiver does not have the newest word."""
        known = {**self.oracle.statuses.entries, **self.oracle.others.entries}
        return [
            name
            for name, record in self.office.expected().items()
            if name not in known or not _is_told(known[name], record)
        ]

    def _by_events(self, way: str, mischief: str = "") -> Iterator[Exchange]:
        waiting, self.backlog = self.backlog, []
        yield from self.desk.records(waiting, way, mischief)

    def _file_ways(self) -> list[str]:
        return [way for way in self.ways if way in FILE_WAYS]


def _is_told(entry: LedgerEntry, record: Record) -> bool:
    # what a snapshot withdrew keeps its version, and the withdrawal itself comes too late to count
    gone = entry.op is Op.WITHDRAW and record.op is Op.WITHDRAW
    return gone or (entry.version, entry.op) == (record.version, record.op)

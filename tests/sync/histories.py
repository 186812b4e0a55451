"""What one source may send in its life, changes and snapshots, and what must be known of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from sync.books import Books
from sync.notice import Op, PersonRef, StatusFact
from sync.order import LedgerEntry, entry_of

KEY = b"k" * 32


def fact(record_id: str = "S-1", version: int = 1, op: Op = Op.UPSERT, status: str = "TRUCIGA") -> StatusFact:
    return StatusFact(record_id, version, op, PersonRef("16117519997"), status, date(2026, 3, 1), date(2026, 6, 1))


@dataclass(frozen=True)
class Snapshot:
    as_of: int
    rows: tuple[StatusFact, ...]


Message = StatusFact | Snapshot


@st.composite
def histories(draw: st.DrawFn) -> list[Message]:
    """All that one source sends: each change has the next number of its counter, and some come by snapshots only."""
    standing: dict[str, StatusFact] = {}
    sent: list[Message] = []
    for number in range(1, draw(st.integers(1, 14)) + 1):
        record_id = f"S-{draw(st.integers(0, 3))}"
        data = fact(record_id, number, Op.WITHDRAW if record_id in standing and draw(st.booleans()) else Op.UPSERT)
        standing[record_id] = data
        if data.op is Op.WITHDRAW:
            del standing[record_id]
        if draw(st.booleans()):
            sent.append(data)
        if draw(st.integers(0, 3)) == 0:
            sent.append(Snapshot(number, tuple(standing.values())))
    return sent


def told(messages: Iterable[Message]) -> Books:
    books = Books()
    for message in messages:
        if isinstance(message, StatusFact):
            books.take(message.record_id, entry_of(message, KEY))
        else:
            books.take_snapshot([(row.record_id, entry_of(row, KEY)) for row in message.rows], message.as_of)
    return books


def expected(messages: Iterable[Message]) -> Mapping[str, LedgerEntry]:
    """What must be settled: the last snapshot, and above it the highest version of each record."""
    sent = list(messages)
    snapshots = [message for message in sent if isinstance(message, Snapshot)]
    last = max(snapshots, key=lambda snapshot: snapshot.as_of, default=Snapshot(0, ()))
    events = [data for data in sent if isinstance(data, StatusFact) and data.version > last.as_of]
    newest = {data.record_id: data for data in sorted((*last.rows, *events), key=lambda data: data.version)}
    return {record_id: entry_of(data, KEY) for record_id, data in newest.items()}

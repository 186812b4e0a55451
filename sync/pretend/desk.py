"""The desk of a pretend source: it packs what there is to say, and foretells what must come of it."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sync.batch_file import BatchFile
from sync.message import BATCHED, STRUCTURED
from sync.pretend.exchange import Answer, Exchange, Letter, Line, Message, Upload
from sync.pretend.files import written
from sync.pretend.oracle import Oracle
from sync.pretend.record import HEARTBEAT, STATUS, Record, event
from sync.simulator import Simulator
from sync.verdict import Verdict

AT_ONCE = 100
"""Events in one message where there are many: it is answered when all of them are applied."""
EVENT_WAYS = ("binary", "structured", "batched")
FILE_WAYS = tuple(
    f"{kind}-{fmt}{packed}" for kind in ("delta", "snapshot") for fmt in ("ndjson", "csv") for packed in ("", "-gzip")
)
LETTERS = "spdci"
KEYS = ("v1", "v1a", "both")
Event = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """An event or row in which something is wrong on purpose, and the code that it must be refused with."""

    content: Mapping[str, Any]
    code: str


@dataclass(slots=True)
class Desk:
    """Everything that leaves the source passes here; `late` are records that are sent some time after newer ones,
    `held` the snapshots that wait for a person at the receiver, or did, with their `as_of`.

    `keys` are the signatures that the source can make, of KEYS.
    """

    office: Simulator
    oracle: Oracle
    rng: random.Random
    keys: Sequence[str] = ("v1",)
    late: list[Record] = field(default_factory=list)
    held: list[tuple[Sequence[Row], int]] = field(default_factory=list)
    _beats: int = 0

    def records(self, records: Sequence[Record], way: str, mischief: str = "") -> list[Exchange]:
        """Some records as events, each way's own number of them in a message."""
        source = self.office.source
        events = [record.event(source) for record in records]
        size = AT_ONCE if way == "batched" else 1
        return [self.message(events[at : at + size], way, mischief) for at in range(0, len(events), size)]

    def message(self, events: Sequence[Event | Spoilt], way: str, mischief: str = "") -> Exchange:
        """One signed message, `batched`, or `structured` and `binary` of one event."""
        must = Answer(200, tuple(map(self._line, events)))
        plain = [one.content if isinstance(one, Spoilt) else one for one in events]
        return self.signed(*packed(plain, way), way, must, mischief)

    def signed(
        self,
        body: bytes,
        headers: Mapping[str, str],
        way: str,
        must: Answer,
        mischief: str = "",
        *,
        keys: str = "",
        age: timedelta = timedelta(),
    ) -> Exchange:
        """Any body as a message of events."""
        message_id = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
        message = Message(body, headers, keys or self.rng.choice(tuple(self.keys)), message_id, age)
        return Exchange(f"events-{way}", message, must, mischief)

    def heartbeat(self, at: datetime, pending: int) -> Exchange:
        """The source is alive and has so much left to say."""
        body, headers = packed([self.beat(at, pending)], "structured")
        return self.signed(body, headers, "heartbeat", Answer(200, (("applied", ""),)))

    def beat(self, at: datetime, pending: int = 0) -> Event:
        """The event of a heartbeat, which changes nothing at the receiver."""
        self._beats += 1
        data = {"sequence": self._beats, "pending": pending}
        return event(self.office.source, f"beat-{int(at.timestamp())}-{self._beats}", HEARTBEAT, at, data)

    def letter(self, record: Record) -> Exchange:
        """One status as the notification of a registry, which is only told that it was taken in."""
        self.oracle.event(record.type, record.row)
        return Exchange(LETTERS, Letter(record.row, f"{record.record_id}-{record.version}"), Answer(200, state="ACK"))

    def delta(self, rows: Sequence[Row | Spoilt], way: str, mischief: str = "") -> Exchange:
        """A file of changes; a spoilt row is refused and the others are taken."""
        lines = [
            self._line({"type": STATUS, "data": row}) if not isinstance(row, Spoilt) else _refused(row) for row in rows
        ]
        plain = [row.content if isinstance(row, Spoilt) else row for row in rows]
        codes = tuple((number, code) for number, (_, code) in enumerate(lines, 1) if code)
        counts = Counter(verdict for verdict, _ in lines)
        return self.file(plain, way, Answer(202, (), "done", dict(counts), codes), mischief)

    def snapshot(self, way: str, mischief: str = "", records: Iterable[Record] | None = None) -> Exchange:
        """A file of all statuses that hold now, or of those given as if they were all."""
        rows = [record.row for record in (self.office.standing() if records is None else records)]
        return self.snapshot_of(rows, self.office.version, way, mischief)

    def snapshot_of(self, rows: Sequence[Row], as_of: int, way: str, mischief: str = "") -> Exchange:
        """A file of these rows, said to be all there was at `as_of`."""
        outcome = self.oracle.snapshot(rows, as_of)
        if outcome.held:
            self.held.append((rows, as_of))
            return self.file(rows, way, Answer(202, state="held"), mischief, as_of)
        counts = Counter(verdict.value for verdict in outcome.verdicts)
        if outcome.withdrawn:
            counts["withdrawn"] = outcome.withdrawn
        return self.file(rows, way, Answer(202, (), "done", dict(counts)), mischief, as_of)

    def file(
        self, rows: Sequence[Row], way: str, must: Answer, mischief: str = "", as_of: int | None = None
    ) -> Exchange:
        """Rows as a file; the way names its kind, format and packing."""
        kind, fmt, gzipped = parts(way)
        content = written(rows, fmt, gzipped=gzipped)
        return Exchange(way, Upload(BatchFile(content, kind, fmt, as_of, gzipped)), must, mischief)

    def _line(self, one: Event | Spoilt) -> Line:
        if isinstance(one, Spoilt):
            return _refused(one)
        verdict = self.oracle.event(one["type"], one["data"])
        return verdict.value, "version.conflict" if verdict is Verdict.CONFLICT else ""


def parts(way: str) -> tuple[str, str, bool]:
    """Kind, format and packing of a way by file."""
    kind, fmt, *packed = way.split("-")
    return kind, fmt, bool(packed)


def _refused(spoilt: Spoilt) -> Line:
    return Verdict.REJECTED.value, spoilt.code


def packed(events: Sequence[Event], way: str) -> tuple[bytes, Mapping[str, str]]:
    """The body and headers of a message in one of the content modes of CloudEvents over HTTP."""
    if way == "batched":
        return _json(list(events)), {"content-type": BATCHED}
    (one,) = events
    if way == "structured":
        return _json(one), {"content-type": STRUCTURED}
    named = {f"ce-{name}": str(value) for name, value in one.items() if name not in ("data", "datacontenttype")}
    return _json(one["data"]), {**named, "content-type": "application/json"}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

"""Trouble made on purpose with messages of events; each kind knows what must come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sync.message import MOST_EVENTS, STRUCTURED
from sync.pretend.decisions import decide
from sync.pretend.desk import Desk, packed
from sync.pretend.exchange import Answer, Exchange
from sync.pretend.record import Record
from sync.pretend.spoiling import spoilt_events

Trouble = Callable[[Desk, datetime], Iterator[Exchange]]
_OLD = timedelta(minutes=10)
_POISON = (
    b'{"specversion": "1.0", "id": "e1',
    b'{"id": "e1", "id": "e2"}',
    b'{"id": NaN}',
    b'{"id": "\\u0000"}',
    b"\xff\xfe{}",
    b"[" * 40 + b"]" * 40,
)


def duplicates(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """The same message again, as after a lost answer."""
    events = [record.event(desk.office.source) for record in _news(desk, at, 3)]
    yield desk.message(events, "batched")
    yield desk.message(events, "batched", "duplicates")


def reordering(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """The newest word first, what led to it afterwards, in messages of their own."""
    first = decide(desk.office, at)
    second = desk.office.withdraw(first.record_id, at)
    yield from desk.records([second, first, *_news(desk, at, 2)[::-1]], "structured", "reordering")


def splits(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """One message cut in two that overlap."""
    events = [record.event(desk.office.source) for record in _news(desk, at, 5)]
    yield desk.message(events[:3], "batched", "splits")
    yield desk.message(events[2:], "batched", "splits")


def delays(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """Something stays on its way until newer things have arrived, also of the same record."""
    first = decide(desk.office, at)
    desk.late.append(first)
    yield from desk.records([desk.office.withdraw(first.record_id, at), decide(desk.office, at)], "binary", "delays")


def bad_rows(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """One of every mistake between two good events, which must go through."""
    good = [record.event(desk.office.source) for record in _news(desk, at, 2)]
    bad = spoilt_events(desk.office.standing()[-1], desk.office.source)
    yield desk.message([good[0], *bad, good[1]], "batched", "bad rows")


def conflicts(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """Two contents under one version: the second changes nothing."""
    record = decide(desk.office, at)
    other = replace(record, about={**record.about, "household": "M-00000"})
    yield from desk.records([record], "structured")
    yield from desk.records([other], "structured", "conflicts")


def old_signature(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A message that somebody recorded ten minutes ago."""
    yield desk.signed(*_one(desk, at), "structured", Answer(401), "old signature", age=_OLD)


def forged_signature(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A message signed by nobody that is known."""
    yield desk.signed(*_one(desk, at), "structured", Answer(401), "forged signature", keys="forged")


def poison(desk: Desk, _at: datetime) -> Iterator[Exchange]:
    """Bodies that are no JSON as it may cross a border."""
    for body in _POISON:
        yield desk.signed(body, {"content-type": STRUCTURED}, "structured", Answer(400), "poison")


def too_many(desk: Desk, _at: datetime) -> Iterator[Exchange]:
    """More events than a message may have."""
    body = b"[" + b",".join([b"{}"] * (MOST_EVENTS + 1)) + b"]"
    headers = {"content-type": "application/cloudevents-batch+json"}
    yield desk.signed(body, headers, "batched", Answer(413), "too many")


def foreign_type(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A body of a kind that is not agreed."""
    body, _ = _one(desk, at)
    yield desk.signed(body, {"content-type": "text/plain"}, "structured", Answer(415), "foreign type")


EVENT_TROUBLE: Mapping[str, Trouble] = {
    "duplicates": duplicates,
    "reordering": reordering,
    "splits": splits,
    "delays": delays,
    "bad rows": bad_rows,
    "conflicts": conflicts,
    "old signature": old_signature,
    "forged signature": forged_signature,
    "poison": poison,
    "too many": too_many,
    "foreign type": foreign_type,
}
"""What can be done with messages, by the name under which the scoreboard counts it."""


def _news(desk: Desk, at: datetime, count: int) -> list[Record]:
    return [decide(desk.office, at) for _ in range(count)]


def _one(desk: Desk, at: datetime) -> tuple[bytes, Mapping[str, str]]:
    # A heartbeat: were the message taken after all, the ledger would be as before.
    return packed([desk.beat(at)], "structured")

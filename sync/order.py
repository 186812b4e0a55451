"""Which of two messages about one record counts: versions decide, arrival does not.

A record is `(source, record_id)`. A higher version wins, a lower one is stale, the same version with the same content
is a repetition, with other content a conflict, which changes nothing until the source sends a higher version. A
withdrawn record keeps its version as a tombstone, so a late older message cannot bring it back.

A snapshot says what stood when a counter, from which the source draws every version, was at `as_of`: a standing record
that it does not name and whose version is not above is absent, which is a withdrawal that keeps its version. The
highest `as_of` taken is the source's floor: what is at or below it and does not stand already was withdrawn in the
meantime, so it is stale. Thus what stands, and every withdrawal above the floor, is a function of the set of messages,
not of their order or number, for every source that never uses a version twice (`settled`).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from datetime import date

from sync.notice import Op, PersonNotice
from sync.verdict import Verdict


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    source: str
    record_id: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is remembered of a record: its version, whether it stands, and a keyed digest (32 bytes) of its content.

    `absent_as_of` tells of which snapshot it was missing, None if a message of its own says how it stands.
    """

    version: int
    op: Op
    digest: bytes
    absent_as_of: int | None = None


def entry_of(data: PersonNotice, key: bytes) -> LedgerEntry:
    """The ledger entry this notice would leave.

    The digest is keyed because its content has little entropy: an unkeyed one would give the personal code away.
    """
    return LedgerEntry(data.version, data.op, hmac.digest(key, canonical(data), "sha256"))


def canonical(data: PersonNotice) -> bytes:
    """One spelling of the notice's content; redeliveries with another event id or time have the same."""
    return _SPELLING.encode([type(data).__name__, *_values(data)]).encode()


def verdict(known: LedgerEntry | None, arriving: LedgerEntry, floor: int | None = None) -> Verdict:
    """What the arriving entry does to the one known: APPLIED, UNCHANGED, STALE or CONFLICT.

    `floor` is the highest `as_of` of the source's snapshots that were taken; None for what no snapshot tells of.
    """
    if known is None or known.absent_as_of is not None:
        lowest = known.absent_as_of if known else None
        return Verdict.STALE if arriving.version <= _highest(floor, lowest) else Verdict.APPLIED
    if known.op is Op.WITHDRAW and known.version < arriving.version <= _highest(floor):
        return Verdict.STALE
    return _by_version(known, arriving)


def snapshot_verdict(known: LedgerEntry | None, row: LedgerEntry, as_of: int, floor: int | None = None) -> Verdict:
    """What a row of the snapshot taken at `as_of` does, whatever else has been heard of its record.

    A snapshot at the floor or below it is stale as a whole (`is_superseded`); a row of the one that made the floor may
    come again, corrected.
    """
    if as_of < _highest(floor):
        return Verdict.STALE
    if known is None:
        return Verdict.APPLIED
    if known.absent_as_of is not None:
        return Verdict.STALE if row.version < known.version else Verdict.APPLIED
    return _by_version(known, row)


def is_superseded(as_of: int, floor: int | None) -> bool:
    """Whether a snapshot comes too late to say anything."""
    return as_of <= _highest(floor)


def is_absent(entry: LedgerEntry, as_of: int) -> bool:
    """Whether a snapshot taken at `as_of` that does not name this entry's record withdraws it."""
    return entry.op is Op.UPSERT and entry.version <= as_of


def absent(entry: LedgerEntry, as_of: int) -> LedgerEntry:
    """The entry once a snapshot has not named it."""
    return replace(entry, op=Op.WITHDRAW, absent_as_of=as_of)


def settled(entry: LedgerEntry, floor: int | None) -> bool:
    """Whether the entry is the same in whatever order its source's messages came."""
    return entry.op is Op.UPSERT or entry.version > _highest(floor)


def take(
    ledger: MutableMapping[RecordKey, LedgerEntry], record: RecordKey, arriving: LedgerEntry, floor: int | None = None
) -> Verdict:
    """Apply one entry to a ledger held in memory."""
    outcome = verdict(ledger.get(record), arriving, floor)
    if outcome is Verdict.APPLIED:
        ledger[record] = arriving
    return outcome


def _by_version(known: LedgerEntry, arriving: LedgerEntry) -> Verdict:
    if arriving.version != known.version:
        return Verdict.APPLIED if arriving.version > known.version else Verdict.STALE
    same = known.op is arriving.op and hmac.compare_digest(known.digest, arriving.digest)
    return Verdict.UNCHANGED if same else Verdict.CONFLICT


def _highest(*points: int | None) -> int:
    # below every version and every point of a counter
    return max((point for point in points if point is not None), default=-1)


def _values(record: object) -> list[object]:
    return [getattr(record, name) for name in record.__slots__]  # type: ignore[attr-defined]  # all notices have slots


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else _values(value)


_SPELLING = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_plain)

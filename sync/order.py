"""Which of two messages about one record counts: versions decide, arrival does not.

A record is `(source, record_id)`. A higher version wins, a lower one is stale, the same version with the same content
is a repetition, with other content a conflict, which changes nothing until the source sends a higher version. A
withdrawn record keeps its version as a tombstone, so a late older message cannot bring it back. Thus the ledger is a
function of the set of messages, not of their order or number, for every source that never uses a version twice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from datetime import date

from sync.notice import Op, PersonNotice
from sync.verdict import Verdict


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    source: str
    record_id: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is remembered of a record: its version, whether it stands, and a keyed digest (32 bytes) of its content."""

    version: int
    op: Op
    digest: bytes


def entry_of(data: PersonNotice, key: bytes) -> LedgerEntry:
    """The ledger entry this notice would leave.

    The digest is keyed because its content has little entropy: an unkeyed one would give the personal code away.
    """
    return LedgerEntry(data.version, data.op, hmac.new(key, canonical(data), hashlib.sha256).digest())


def canonical(data: PersonNotice) -> bytes:
    """One spelling of the notice's content; redeliveries with another event id or time have the same."""
    content = {"type": type(data).__name__, **asdict(data)}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_day).encode()


def verdict(known: LedgerEntry | None, arriving: LedgerEntry) -> Verdict:
    """What the arriving entry does to the one known: APPLIED, UNCHANGED, STALE or CONFLICT."""
    if known is None or arriving.version > known.version:
        return Verdict.APPLIED
    if arriving.version < known.version:
        return Verdict.STALE
    same = known.op is arriving.op and hmac.compare_digest(known.digest, arriving.digest)
    return Verdict.UNCHANGED if same else Verdict.CONFLICT


def take(ledger: MutableMapping[RecordKey, LedgerEntry], record: RecordKey, arriving: LedgerEntry) -> Verdict:
    """Apply one entry to a ledger held in memory."""
    outcome = verdict(ledger.get(record), arriving)
    if outcome is Verdict.APPLIED:
        ledger[record] = arriving
    return outcome


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)

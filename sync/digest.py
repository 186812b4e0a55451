"""A ledger summed up in 256 numbers, so that two sides see in one look whether, and near where, they differ.

A record counts in the bucket named by the first byte of SHA-256 of its id. A bucket has the number of its records and
the exclusive or of SHA-256(id, 0x1F, version, 0x1F, op) over them, which is the same in any order. Withdrawals at or
below the point of the last snapshot taken are left out on both sides: which of them are known depends on the order in
which messages came (`sync.order`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync.errors import AnswerUnreadable
from sync.notice import Op
from sync.order import LedgerEntry, settled

BUCKETS = 256
_SEPARATOR = "\x1f"
_WIDTH = 32


@dataclass(slots=True)
class Bucket:
    """How many records, and the exclusive or of their digests (a number of 256 bits)."""

    count: int = 0
    value: int = 0


@dataclass(slots=True)
class Digest:
    """The sum over one source's records; `as_of` is the floor below which withdrawals are left out."""

    source: str
    as_of: int | None = None
    buckets: list[Bucket] = field(default_factory=lambda: [Bucket() for _ in range(BUCKETS)])

    @property
    def count(self) -> int:
        """All records that were added."""
        return sum(bucket.count for bucket in self.buckets)

    def add(self, record_id: str, version: int, op: Op) -> None:
        """Counts one record in; each record once."""
        bucket = self.buckets[bucket_of(record_id)]
        bucket.count += 1
        bucket.value ^= value_of(record_id, version, op)

    def to_json(self) -> dict[str, Any]:
        """The answer of `GET /sync/v1/facts/digest`."""
        buckets = [{"count": bucket.count, "value": f"{bucket.value:0{2 * _WIDTH}x}"} for bucket in self.buckets]
        return {"source": self.source, "as_of": self.as_of, "count": self.count, "buckets": buckets}


def bucket_of(record_id: str) -> int:
    """The bucket of a record, 0 to 255."""
    return hashlib.sha256(record_id.encode()).digest()[0]


def value_of(record_id: str, version: int, op: Op) -> int:
    """What one record adds to its bucket."""
    text = _SEPARATOR.join((record_id, str(version), op.value))
    return int.from_bytes(hashlib.sha256(text.encode()).digest())


def digest_of(source: str, entries: Mapping[str, LedgerEntry], floor: int | None = None) -> Digest:
    """The digest of a ledger held in memory; `floor` as the other side names it in `as_of`."""
    found = Digest(source, floor)
    for record_id, entry in entries.items():
        if settled(entry, floor):
            found.add(record_id, entry.version, entry.op)
    return found


def differing(one: Digest, other: Digest) -> list[int]:
    """The buckets in which the two sides differ; none when they hold the same records."""
    return [number for number in range(BUCKETS) if one.buckets[number] != other.buckets[number]]


def digest_from_json(body: Any) -> Digest:
    """Read the answer of `GET /sync/v1/facts/digest`; raises `AnswerUnreadable`."""
    try:
        return Digest(str(body["source"]), body["as_of"], [_bucket(line) for line in _all(body["buckets"])])
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerUnreadable(str(error)) from None


def _all(buckets: Sequence[Any]) -> Sequence[Any]:
    if len(buckets) != BUCKETS:
        raise ValueError(f"{len(buckets)} buckets")
    return buckets


def _bucket(line: Mapping[str, Any]) -> Bucket:
    return Bucket(int(line["count"]), int(line["value"], 16))

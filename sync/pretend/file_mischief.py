"""Trouble made on purpose with files; each kind knows what must come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sync.batch_file import BatchFile, content_digest_of
from sync.pretend.decisions import decide
from sync.pretend.desk import Desk
from sync.pretend.exchange import Answer, Exchange, Upload
from sync.pretend.files import csv_file, written
from sync.pretend.mischief import Trouble
from sync.pretend.record import Record
from sync.pretend.spoiling import spoilt_rows
from sync.rows_csv import COLUMNS

_SHARE_LEFT_OUT = 0.4


def file_again(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """The same file under the same key, as after a lost answer: it is the same batch."""
    exchange = desk.delta(_rows(desk, at, 3), "delta-ndjson")
    yield exchange
    yield replace(exchange, mischief="file again")


def reused_key(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """Another file under a key that is taken."""
    first = desk.delta(_rows(desk, at, 2), "delta-csv")
    key = f"reused-{desk.office.version}"
    yield _sent_as(first, key=key)
    other = BatchFile(written([_doubtful(desk, at)], "csv"), "delta", "csv")
    refused = Answer(422, problem="idempotency_key_reused")
    yield Exchange("delta-csv", Upload(other, key), refused, "reused key")


def wrong_digest(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A file that was changed on its way."""
    file = BatchFile(written([_doubtful(desk, at)], "ndjson"), "delta", "ndjson")
    upload = Upload(file, f"digest-{desk.office.version}", content_digest_of(bytes(32)))
    refused = Answer(422, problem="digest_mismatch")
    yield Exchange("delta-ndjson", upload, refused, "wrong digest")


def truncated_gzip(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A compressed file whose end is missing."""
    content = written([_doubtful(desk, at) for _ in range(20)], "ndjson", gzipped=True)
    yield _refused(content[: len(content) // 2], "ndjson", "gzip.truncated", "truncated gzip", gzipped=True)


def unknown_column(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A column that was never agreed."""
    content = csv_file([_doubtful(desk, at)], (*COLUMNS, "income"))
    yield _refused(content, "csv", "columns.mismatch", "unknown column")


def old_encoding(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A file in the encoding of an old system (Windows-1257)."""
    text = written([_doubtful(desk, at)], "csv").decode()
    yield _refused(text.encode("cp1257"), "csv", "encoding.invalid", "old encoding")


def bad_file_rows(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """One of every mistake between good rows, which must go through."""
    for fmt in ("ndjson", "csv"):
        good = _rows(desk, at, 2)
        bad = spoilt_rows(desk.office.standing()[-1], fmt)
        yield desk.delta([good[0], *bad, good[1]], f"delta-{fmt}", "bad file rows")


def mass_withdrawal(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A snapshot that lost many rows, as after a broken export: it must be held; none where so many are not there."""
    yield from desk.records([decide(desk.office, at)], "structured")
    all_of_them = desk.office.standing()
    kept = all_of_them[int(len(all_of_them) * _SHARE_LEFT_OUT) :]
    if desk.oracle.would_hold([record.row for record in kept], desk.office.version):
        yield desk.snapshot("snapshot-ndjson", "mass withdrawal", kept)


def old_snapshot(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """A snapshot that comes after a newer one: all of it is stale."""
    records, as_of = [record.row for record in desk.office.standing()], desk.office.version
    decide(desk.office, at)
    yield desk.snapshot("snapshot-csv-gzip")
    yield desk.snapshot_of(records, as_of, "snapshot-ndjson", "old snapshot")


def silent_withdrawal(desk: Desk, at: datetime) -> Iterator[Exchange]:
    """Something is taken back and nobody says so: the next snapshot does, by not naming it."""
    gone = decide(desk.office, at)
    yield from desk.records([gone], "structured")
    desk.late.append(desk.office.withdraw(gone.record_id, at))
    yield desk.snapshot("snapshot-csv", "silent withdrawal")


FILE_TROUBLE: Mapping[str, Trouble] = {
    "file again": file_again,
    "reused key": reused_key,
    "wrong digest": wrong_digest,
    "truncated gzip": truncated_gzip,
    "unknown column": unknown_column,
    "old encoding": old_encoding,
    "bad file rows": bad_file_rows,
    "mass withdrawal": mass_withdrawal,
    "old snapshot": old_snapshot,
    "silent withdrawal": silent_withdrawal,
}
"""What can be done with files, by the name under which the scoreboard counts it."""


def _news(desk: Desk, at: datetime, count: int) -> list[Record]:
    return [decide(desk.office, at) for _ in range(count)]


def _rows(desk: Desk, at: datetime, count: int) -> list[Mapping[str, object]]:
    return [record.row for record in _news(desk, at, count)]


def _doubtful(desk: Desk, at: datetime) -> Mapping[str, object]:
    """A row that must not be taken: it would be a record of its own, and show as drift."""
    row = desk.rng.choice(desk.office.standing()).row
    return {**row, "record_id": f"X-{desk.office.version}-{int(at.timestamp())}"}


def _refused(content: bytes, fmt: str, code: str, mischief: str, *, gzipped: bool = False) -> Exchange:
    must = Answer(202, state="refused", problem=code)
    return Exchange(f"delta-{fmt}", Upload(BatchFile(content, "delta", fmt, gzipped=gzipped)), must, mischief)


def _sent_as(exchange: Exchange, key: str) -> Exchange:
    upload = exchange.what
    if not isinstance(upload, Upload):
        raise TypeError(exchange.via)
    return replace(exchange, what=replace(upload, key=key))

"""Rows of a file of statuses: NDJSON, one `data` object of `status.fact.v1` a line, or CSV with a heading.

A file is first split into rows, which fails as a whole (`FileUnreadable`) where the file is not what it says; each row
is then read by itself, and a bad one is only a `RowError`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync import rows_csv
from sync.errors import UnreadableJson
from sync.events import EVENT_TYPES
from sync.fields import Field, Kind, RowRefused, text
from sync.lines import read_lines
from sync.notice import StatusFact
from sync.plain_rows import read_plain
from sync.strict_json import strict_json
from sync.verdict import RowCode, RowError

FACT = "status.fact.v1"
MEDIA_TYPES = {"application/x-ndjson": "ndjson", "text/csv": "csv"}
"""The format of a file by its media type."""
_RECORD_ID = Field("record_id", Kind.TEXT, RowCode.RECORD_ID_MISSING)


@dataclass(frozen=True, slots=True, repr=False)
class RawRow:
    """One row as it stands: its number from 1 (a heading is no row) and its bytes as a JSON object.

    A row that can be none keeps the bytes of its line, and says in `error` what is wrong.
    """

    number: int
    raw: bytes
    error: RowError | None = None


def split_rows(blocks: Iterable[bytes], fmt: str) -> Iterator[RawRow]:
    """The rows of a file of format `ndjson` or `csv`; empty lines are no rows.

    Raises:
        FileUnreadable: as soon as the place is reached where the file cannot be read on.
    """
    return _SPLITTERS[fmt](blocks)


def read_row(row: RawRow) -> StatusFact | RowError:
    """What the row states, or the first thing that is wrong with it."""
    if row.error is not None:
        return row.error
    try:
        data = strict_json(row.raw)
        stated = read_plain(data) or EVENT_TYPES[FACT].read(data)
    except UnreadableJson:
        return RowError(RowCode.SCHEMA_UNSUPPORTED, "")
    except RowRefused as refused:
        return refused.error
    assert isinstance(stated, StatusFact)
    return stated


def record_of(row: RawRow) -> str | None:
    """The record that a row is about, also where the rest of it is bad; None if even that cannot be told."""
    try:
        found = json.loads(row.raw)
    except (ValueError, RecursionError):
        return None
    try:
        return text(_RECORD_ID, found.get("record_id") if isinstance(found, dict) else None, "")
    except RowRefused:
        return None


def _ndjson(blocks: Iterable[bytes]) -> Iterator[RawRow]:
    lines = (line for _, line in read_lines(blocks) if line and not line.isspace())
    return (RawRow(number, line) for number, line in enumerate(lines, 1))


def _csv(blocks: Iterable[bytes]) -> Iterator[RawRow]:
    for number, (line, data) in enumerate(rows_csv.read_records(read_lines(blocks)), 1):
        if data is None:
            yield RawRow(number, line, RowError(RowCode.COLUMNS_MISMATCH, ""))
        else:
            yield RawRow(number, json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


_SPLITTERS: Mapping[str, Callable[[Iterable[bytes]], Iterator[RawRow]]] = {"ndjson": _ndjson, "csv": _csv}


def to_line(data: Mapping[str, Any]) -> bytes:
    """One `data` object as a line of NDJSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

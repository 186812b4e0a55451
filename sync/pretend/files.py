"""Statuses written as files: NDJSON or CSV, plain or compressed."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sync.rows import to_line
from sync.rows_csv import COLUMNS

Row = Mapping[str, Any]


def written(rows: Iterable[Row], fmt: str, *, gzipped: bool = False) -> bytes:
    """A file of the format `ndjson` or `csv`; the same rows always give the same bytes."""
    content = b"".join(map(to_line, rows)) if fmt == "ndjson" else csv_file(rows)
    return gzip.compress(content, mtime=0) if gzipped else content


def csv_file(rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    """CSV (RFC 4180) with semicolons under a heading."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        flat = cells(row)
        writer.writerow([flat.get(column, "") for column in columns])
    return text.getvalue().encode()


def cells(row: Row) -> dict[str, str]:
    """One row by the columns of a file; a member that is missing or null is an empty cell."""
    decision = {f"decision_{name}": value for name, value in row.get("decision", {}).items()}
    flat = {**row, **row.get("person", {}), **decision}
    return {name: str(value) for name, value in flat.items() if name in COLUMNS and value is not None}

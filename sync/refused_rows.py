"""The rows of a file that were refused, written to be put right and sent again, with why beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from sync.batch_file import BatchFile
from sync.batches import RowOutcome
from sync.inflate import inflated
from sync.rows import RawRow, split_rows


def rows_of(batch: BatchFile) -> Iterator[RawRow]:
    """The rows of a file as it was sent, a row of CSV as a JSON object. Raises `FileUnreadable`."""
    pieces = batch.pieces()
    return split_rows(inflated(pieces) if batch.gzipped else pieces, batch.fmt)


def write_refused(batch: BatchFile, outcomes: Iterable[RowOutcome], path: Path) -> Path:
    """Writes the refused rows as NDJSON to `path`; returns the file beside it with a line on each of them."""
    named: Mapping[int, RowOutcome] = {outcome.row: outcome for outcome in outcomes}
    codes = path.with_name(f"{path.name}.codes")
    # made by us first, so that the file with personal codes is never readable by others
    path.touch(mode=0o600)
    with path.open("wb") as rows, codes.open("w", encoding="utf-8") as lines:
        for row in rows_of(batch):
            if row.number in named:
                rows.write(row.raw + b"\n")
                lines.write(json.dumps(asdict(named[row.number]), ensure_ascii=False) + "\n")
    return codes

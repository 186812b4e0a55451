"""A file to hand out: written row by row to disk, its digest known before the first byte leaves."""

import csv
import json
from base64 import b64encode
from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

from starlette.responses import StreamingResponse

from amis.kernel.written_sheet import harmless

IN_MEMORY = 1 << 20
"""Bytes of a file that are kept in memory; a larger one goes to disk while it is written."""
_PART = 64 * 1024
Row = Mapping[str, Any]


class Form(StrEnum):
    """How a file is written: CSV for spreadsheets (RFC 4180), or a JSON object a line."""

    CSV = "csv"
    JSONL = "jsonl"


MEDIA = {Form.CSV: "text/csv; charset=utf-8", Form.JSONL: "application/x-ndjson"}


@dataclass(slots=True)
class Written:
    """A file that is complete; `digest` is its SHA-256."""

    content: IO[bytes]
    digest: bytes
    rows: int

    def parts(self) -> Iterator[bytes]:
        """The file from its beginning, once; then it is gone."""
        with self.content as content:
            content.seek(0)
            while part := content.read(_PART):
                yield part


async def write(form: Form, columns: Sequence[str], rows: AsyncIterable[Row]) -> Written:
    """Writes rows; `columns` are the keys of each, in the order of a CSV's columns.

    Amounts are exact decimals with a point, instants carry their offset, nothing is an empty cell or null. A text that
    a spreadsheet would take for a formula is written so that none does.
    """
    content: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed when it has been handed out
    hashed, count = sha256(), 0

    def put(line: bytes) -> None:
        content.write(line)
        hashed.update(line)

    if form is Form.CSV:
        put(_line(columns).encode("utf-8-sig"))
    async for row in rows:
        put(_csv(row, columns) if form is Form.CSV else _json(row, columns))
        count += 1
    return Written(content, hashed.digest(), count)


def handed_out(written: Written, form: Form, name: str) -> StreamingResponse:
    """The answer: the file with its digest (RFC 9530) and a name that says what is in it."""
    headers = {
        "content-disposition": f'attachment; filename="{name}.{form}"',
        "content-digest": f"sha-256=:{b64encode(written.digest).decode()}:",
        "cache-control": "no-store",
    }
    return StreamingResponse(written.parts(), media_type=MEDIA[form], headers=headers)


def _csv(row: Row, columns: Sequence[str]) -> bytes:
    return _line([_cell(row[name]) for name in columns]).encode()


def _line(cells: Sequence[str]) -> str:
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _cell(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, (list, dict)):
        return harmless(json.dumps(plain, ensure_ascii=False))
    # A number below zero begins like a formula, and is none.
    return harmless(plain) if isinstance(value, str) else str(plain)


def _json(row: Row, columns: Sequence[str]) -> bytes:
    told = {name: _plain(row[name]) for name in columns}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, UUID)) else value

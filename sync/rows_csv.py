"""Statuses as CSV (RFC 4180): a heading names the columns, in any order, parted by semicolons or commas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sync.errors import ColumnsMismatch, CsvInvalid, LineTooLong
from sync.lines import LONGEST, NumberedLine

REQUIRED = ("record_id", "version", "op", "code", "status", "valid_from", "valid_to")
_PERSON = {"code": "code", "given_name": "given_name", "family_name": "family_name", "birth_date": "birth_date"}
_DECISION = {"decision_number": "number", "decision_date": "date", "decision_authority": "authority"}
COLUMNS = (*REQUIRED, "given_name", "family_name", "birth_date", *_DECISION, "household")
"""Every column there can be; those that are not required may be left out."""
_LONGEST_NUMBER = 17

Record = tuple[bytes, dict[str, Any] | None]
"""The bytes of a row's lines, and the row as the `data` object of an event; None if it has other cells than columns."""


def read_records(lines: Iterable[NumberedLine]) -> Iterator[Record]:
    """The rows under the heading.

    Raises:
        ColumnsMismatch: the heading names a column twice, one that is unknown, or not every required one.
        CsvInvalid: quotation marks do not fit together.
        LineTooLong: an open quotation mark makes one row of too many lines.
    """
    numbered = iter(lines)
    _, first = next(numbered, (1, b""))
    heading = first.decode()
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    columns = _columns(heading, delimiter)
    source = _Source(numbered)
    for cells in _cells(source, delimiter):
        raw = source.taken()
        if cells:
            yield raw, _data(dict(zip(columns, cells, strict=True))) if len(cells) == len(columns) else None


class _Source:
    """Gives the CSV reader its lines and remembers those of which the present row is made."""

    def __init__(self, lines: Iterator[NumberedLine]) -> None:
        self._lines = lines
        self._row: list[bytes] = []
        self._size = 0
        self.number = 1

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            self.number = number
            self._row.append(line)
            self._size += len(line)
            if self._size > LONGEST:
                raise LineTooLong(f"a row of more than {LONGEST} bytes", number)
            yield line.decode() + "\n"

    def taken(self) -> bytes:
        """The lines of one row."""
        row, self._row, self._size = b"\n".join(self._row), [], 0
        return row


def _cells(source: _Source, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(iter(source), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise CsvInvalid(str(error), source.number) from None


def _columns(heading: str, delimiter: str) -> Sequence[str]:
    columns = [name.strip().strip('"').strip().lower() for name in heading.split(delimiter)]
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in columns]
    if unknown or missing or len(set(columns)) != len(columns):
        # what a stranger wrote is not repeated: a file without a heading has a person there
        raise ColumnsMismatch(f"{len(unknown)} unknown columns; missing: {', '.join(missing) or '-'}", 1)
    return columns


def _data(row: dict[str, str]) -> dict[str, Any]:
    cells = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    data: dict[str, Any] = {name: cells[name] for name in ("record_id", "op", "status", "valid_from") if name in cells}
    data["version"] = _number(cells.get("version", ""))
    data["person"] = {member: cells[name] for name, member in _PERSON.items() if name in cells}
    data["valid_to"] = cells.get("valid_to")
    decision = {member: cells[name] for name, member in _DECISION.items() if name in cells}
    return data | ({"decision": decision} if decision else {}) | _kept(cells, "household")


def _kept(cells: dict[str, str], name: str) -> dict[str, str]:
    return {name: cells[name]} if name in cells else {}


def _number(text: str) -> int | str:
    # what is no number stays as it is, for the reader to refuse
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else text

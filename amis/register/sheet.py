"""Lists of persons as offices keep them, in CSV or XLSX.

A spreadsheet takes a personal code for a number and eats the zero before a day from 1 to 9: it is put back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from amis.kernel import sheet
from amis.kernel.errors import SheetUnreadable
from amis.register.errors import ListTooLong, ListUnreadable
from amis.register.names import words

MOST_ROWS = 10_000
"""Rows of one list; a longer one is sent in parts."""
_CODE_LENGTH = 11
_HEADS = {
    "code": {"personas kods", "personal code", "pers kods", "kods", "code", "pk"},
    "first": {"no", "from", "valid from", "speka no", "derigs no", "sakums", "no datuma", "start", "first day"},
    "last": {"lidz", "to", "until", "valid to", "speka lidz", "derigs lidz", "beigas", "lidz datumam", "last day"},
}
Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands in the file, counted from 1 as spreadsheets do; days inclusive, as written."""

    number: int
    code: str
    first: str
    last: str


def read(content: bytes) -> list[Line]:
    """The rows of a file that name somebody.

    The columns are known by their headings, in Latvian or English; without a heading they are code, first day, last
    day.

    Raises:
        ListUnreadable, ListTooLong
    """
    try:
        rows = sheet.read(content, 2 * MOST_ROWS)
    except SheetUnreadable as error:
        raise ListUnreadable(str(error)) from error
    lines: list[Line] = []
    columns: dict[str, int] | None = None
    for number, cells in enumerate(rows, start=1):
        if not any(cells):
            continue
        if columns is None:
            columns = _columns(cells)
            if _is_heading(cells, columns):
                continue
        lines.append(_line(number, cells, columns))
        if len(lines) > MOST_ROWS:
            raise ListTooLong(f"{MOST_ROWS}")
    if not lines:
        raise ListUnreadable("no rows")
    return lines


def _columns(cells: Cells) -> dict[str, int]:
    heads = [" ".join(words(cell)) for cell in cells]
    found = {name: place for name, known in _HEADS.items() for place, head in enumerate(heads) if head in known}
    if "code" in found:
        return found
    if _digits(cells[0]):
        return {"code": 0, "first": 1, "last": 2}
    raise ListUnreadable("no column of personal codes")


def _is_heading(cells: Cells, columns: dict[str, int]) -> bool:
    return not _digits(cells[columns["code"]])


def _line(number: int, cells: Cells, columns: dict[str, int]) -> Line:
    found = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
    return Line(number, _whole(found["code"]), found.get("first", ""), found.get("last", ""))


def _whole(code: str) -> str:
    """A personal code with the zero that a spreadsheet took from its front; no code begins with two."""
    digits = _digits(code)
    return f"0{digits}" if len(digits) == _CODE_LENGTH - 1 else code


def _digits(cell: str) -> str:
    return cell.replace("-", "") if re.fullmatch(r"[0-9]{1,6}-?[0-9]{5}|[0-9]+", cell) else ""

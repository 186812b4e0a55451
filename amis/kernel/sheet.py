"""Rows of text out of a file that an office keeps: CSV (RFC 4180) or XLSX (ECMA-376)."""

import csv
import lzma
import re
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from io import BytesIO, StringIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from amis.kernel.errors import SheetUnreadable

MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELLS = 2_000_000
"""Of an XLSX file, those counted that are empty and stand before another."""
MOST_BYTES = 16 * 1024 * 1024
"""Of an XLSX file, unpacked. A list of ten thousand rows has a few; a file that is made for it takes seconds for each.
"""
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BETWEEN_QUOTES = re.compile(r'"[^"]*"')
# what openpyxl and the standard library raise for files that are damaged or something else
_DAMAGED = (
    *(BadZipFile, ParseError, zlib.error, lzma.LZMAError),
    *(LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError),
)
Rows = list[list[str]]


def read(content: bytes, most_rows: int = MOST_ROWS) -> Rows:
    """The rows of a CSV file or of the first sheet of an XLSX file, cells stripped, empty ones at the end left out.

    Row n of the file is at n - 1, empty rows included, so that a fault can be told by its address. CSV is UTF-8, UTF-16
    or Windows-1257, with semicolons, commas or tabs. Raises SheetUnreadable.
    """
    if content.startswith(_OLD_EXCEL):
        raise SheetUnreadable("this is an old Excel file: save it as XLSX")
    rows = _xlsx(content) if content.startswith(_ZIP) else _csv(content)
    found: Rows = []
    for row in rows:
        if len(found) == most_rows or len(row) > MOST_COLUMNS:
            raise SheetUnreadable(f"more than {most_rows} rows or {MOST_COLUMNS} columns")
        found.append(row)
    while found and not found[-1]:
        found.pop()
    return found


def address(row: int, column: int | None) -> str:
    """What a spreadsheet calls the cell; both are counted from 0, column None is the whole row.

    >>> address(3, 2), address(3, None)
    ('C4', '4')
    """
    return f"{'' if column is None else _letters(column)}{row + 1}"


def _letters(column: int) -> str:
    above, last = divmod(column, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + last)


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _text(content)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            yield _trimmed(row)
    except csv.Error as error:
        raise SheetUnreadable(f"line {reader.line_num}: {error}") from error


def _text(content: bytes) -> str:
    utf_16 = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "cp1257"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetUnreadable("the text is neither UTF-8 nor Windows-1257")


def _delimiter(text: str) -> str:
    heading = _BETWEEN_QUOTES.sub("", text.lstrip().partition("\n")[0])
    return max(";,\t", key=heading.count)


def _xlsx(content: bytes) -> Iterator[list[str]]:
    # loaded with the first file: a process that only answers taps does without its many megabytes
    from openpyxl import load_workbook

    try:
        with ZipFile(BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
                raise SheetUnreadable("the file is too large when unpacked")
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        left = MOST_CELLS
        for row in sheet.iter_rows(values_only=True):
            left -= len(row)
            if left < 0:
                raise SheetUnreadable(f"more than {MOST_CELLS} cells")
            yield _trimmed(map(_shown, row))
    except _DAMAGED as error:
        raise SheetUnreadable(str(error)) from error


def _shown(value: object) -> str:
    """A cell as it would stand in a CSV file."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _trimmed(row: Iterable[str]) -> list[str]:
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells

"""Rows of text out of a CSV file that an office keeps (RFC 4180), in the encodings and with the marks offices use.

Nothing is guessed from how often letters occur: a byte order mark tells the encoding, else what is valid UTF-8 is
UTF-8, else it is Windows-1257. Whoever sends the file sees the rows and can say otherwise.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from itertools import islice

from sync.errors import CsvInvalid, EncodingInvalid, FileUnreadable

ENCODINGS = ("utf-8", "cp1257", "utf-16")
DELIMITERS = (";", ",", "\t")
MOST_ROWS = 50_000
"""Rows of a file that is read while somebody waits for its page; a longer one is sent by a program."""
MOST_COLUMNS = 200
_LOOKED_AT = 20
"""Lines by which the mark between cells is found: the first may be a title."""
_BETWEEN_QUOTES = re.compile(r'"[^"]*"')
# a spreadsheet is kept from eating the zeros of a text by a formula that is nothing but this text
_TEXT_FORMULA = re.compile(r'="(.*)"')

Rows = list[list[str]]


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Row n of the file is at n - 1, cells stripped, empty ones at the end left out; encoding and mark as they were."""

    rows: Rows
    encoding: str
    delimiter: str


def read_table(content: bytes, encoding: str = "", delimiter: str = "") -> Table:
    """The rows of a CSV file; empty `encoding` or `delimiter` are found out.

    Raises:
        EncodingInvalid, CsvInvalid, FileUnreadable: it is larger than a list can be.
    """
    chosen, text = _decoded(content, encoding)
    mark = delimiter or _delimiter(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: Rows = []
    try:
        for row in reader:
            rows.append(trimmed(row))
            refuse_too_much(rows)
    except csv.Error as error:
        raise CsvInvalid(str(error), reader.line_num) from None
    while rows and not rows[-1]:
        rows.pop()
    return Table(rows, chosen, mark)


def refuse_too_much(rows: Rows) -> None:
    """Looks at the newest row.

    Raises:
        FileUnreadable
    """
    if len(rows) > MOST_ROWS or len(rows[-1]) > MOST_COLUMNS:
        raise FileUnreadable(f"more than {MOST_ROWS} rows or {MOST_COLUMNS} columns", len(rows))


def trimmed(row: Iterable[str]) -> list[str]:
    """The cells of a row without blanks around them, and without empty ones at the end."""
    cells = [_TEXT_FORMULA.sub(r"\1", cell.strip()).strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _decoded(content: bytes, encoding: str) -> tuple[str, str]:
    utf_16 = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    usual = ("utf-16",) if utf_16 else ("utf-8", "cp1257")
    for name in (encoding,) if encoding else usual:
        try:
            text = content.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return name, text
    raise EncodingInvalid(f"the text is not in {encoding or 'UTF-8 or Windows-1257'}")


def _delimiter(text: str) -> str:
    """The mark that the most of the first lines have; of several the one that they have most often."""
    lines = [_BETWEEN_QUOTES.sub("", line) for line in islice(StringIO(text), _LOOKED_AT)]
    counts = {mark: [line.count(mark) for line in lines] for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (sum(map(bool, counts[mark])), sum(counts[mark])))

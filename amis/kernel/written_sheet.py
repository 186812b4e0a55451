"""Rows as CSV (RFC 4180) that spreadsheets open safely.

A byte order mark tells Excel that it is UTF-8. A text that a spreadsheet would take for a formula begins with an
apostrophe (OWASP: CSV injection).
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The file; cells that hold free text go through `harmless` first."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("Anna")
    ("'=1+1", 'Anna')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text

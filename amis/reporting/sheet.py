"""The lines of a report as CSV (RFC 4180) that spreadsheets open safely.

A byte order mark tells Excel that it is UTF-8. Amounts are exact decimals with a point. A text that a spreadsheet would
take for a formula begins with an apostrophe (OWASP: CSV injection).
"""

import csv
from collections.abc import Sequence
from io import StringIO

from amis.reporting.scope import Scope, month_text
from amis.reporting.store import Line

HEAD = (
    "month",
    "provider",
    "provider_name",
    "grantor",
    "concession",
    "concession_lv",
    "concession_en",
    "funder",
    "uses",
    "gross_eur",
    "payable_eur",
    "discount_eur",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(lines: Sequence[Line]) -> bytes:
    """The file."""
    written = StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(_row(line) for line in lines)
    return written.getvalue().encode("utf-8-sig")


def file_name(scope: Scope) -> str:
    """A name that says what is in it."""
    return f"uses-{month_text(scope.first)}-{month_text(scope.last)}.csv"


def _row(line: Line) -> list[str]:
    texts = (line.provider, line.provider_name, line.grantor, line.concession, line.concession_lv, line.concession_en)
    amounts = (line.gross, line.payable, line.discount)
    return [
        month_text(line.month),
        *(_harmless(text or "") for text in (*texts, line.funder)),
        str(line.uses),
        *(f"{amount:.4f}" for amount in amounts),
    ]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text

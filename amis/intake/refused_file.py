"""The refused rows of a file to be handed to whoever made it: row, record, why; nothing else of a person."""

from collections.abc import Sequence

from amis.intake.models import Arrival
from amis.intake.wording import EXPLAINED, VERDICTS
from amis.kernel.log import scrub
from amis.kernel.written_sheet import harmless, written
from amis.web.i18n import mark, translate
from sync.rows import to_line

File = tuple[bytes, str, str]
"""Content, media type, ending of the name."""
_HEAD = (mark("Row"), mark("Record"), mark("Verdict"), mark("Code"), mark("Place"), mark("Why"))


def as_table(rows: Sequence[Arrival], language: str) -> File:
    """CSV with the reasons in words of the language."""
    lines = [[harmless(cell) for cell in _cells(row, language)] for row in rows]
    return written([translate(language, name) for name in _HEAD], lines), "text/csv; charset=utf-8", "csv"


def as_lines(rows: Sequence[Arrival], _language: str) -> File:
    """NDJSON as the interface for sources tells it."""
    content = b"".join(to_line(_member(row)) for row in rows)
    return content, "application/x-ndjson", "ndjson"


def _cells(row: Arrival, language: str) -> list[str]:
    said = VERDICTS[row.verdict].text, EXPLAINED.get(row.error_code or "", "")
    verdict, why = (translate(language, text) for text in said)
    return [str(row.row_no), scrub(row.record_id or ""), verdict, row.error_code or "", _place(row), why]


def _member(row: Arrival) -> dict[str, object]:
    record = scrub(row.record_id) if row.record_id else None
    why = {"code": row.error_code, "pointer": _place(row) or None}
    return {"row": row.row_no, "record_id": record, "verdict": row.verdict, **why}


def _place(row: Arrival) -> str:
    # the sender chose the names of members, and one may be a personal code
    return scrub(row.error_pointer or "")

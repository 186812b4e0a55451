"""The lines of a report as CSV. Amounts are exact decimals with a point."""

from collections.abc import Sequence

from amis.kernel.written_sheet import harmless, written
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


def sheet(lines: Sequence[Line]) -> bytes:
    """The file."""
    return written(HEAD, (_row(line) for line in lines))


def file_name(scope: Scope) -> str:
    """A name that says what is in it."""
    return f"uses-{month_text(scope.first)}-{month_text(scope.last)}.csv"


def _row(line: Line) -> list[str]:
    texts = (line.provider, line.provider_name, line.grantor, line.concession, line.concession_lv, line.concession_en)
    amounts = (line.gross, line.payable, line.discount)
    return [
        month_text(line.month),
        *(harmless(text or "") for text in (*texts, line.funder)),
        str(line.uses),
        *(f"{amount:.4f}" for amount in amounts),
    ]

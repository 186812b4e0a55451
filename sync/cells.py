"""Cells as people and spreadsheets write them, as an event states them: days, personal codes, operations."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sync.headings import folded
from sync.notice import Op

DATES = ("iso", "dotted", "serial")
"""2026-05-31; 31.05.2026.; the number by which a spreadsheet keeps a day."""
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})\.?(?: 0?0:00(?::00)?)?")
_SERIAL = re.compile(r"([0-9]{2,6})(?:[.,]0+)?")
_FIRST_CERTAIN = 61
"""Spreadsheets count a 29 February 1900, so numbers up to 60 are a day off (ECMA-376 part 1 section 18.17.4.1)."""
_EPOCH = date(1899, 12, 30)
_DIGITS = re.compile(r"([0-9]{1,6})\s?-?\s?([0-9]{5})(?:\.0+)?")
_CODE_LENGTH = 11
_WITHDRAWN = frozenset(
    {"withdraw", "withdrawn", "atsaukt", "atsaukts", "izbeigt", "izbeigts", "dzest", "dzests", "delete"}
)
_STATED = frozenset({"upsert", "add", "pievienot", "pieskirt", "pieskirts", "ir"})


def day(cell: str, how: str = "") -> str:
    """The day as yyyy-mm-dd, or the cell as it stands where it is none; `how` is one of `DATES`, empty for any.

    >>> day("1.3.2026."), day("46082"), day("marts")
    ('2026-03-01', '2026-03-01', 'marts')
    """
    for kind in (how,) if how else DATES:
        found = _READERS[kind](cell)
        if found is not None:
            return found.isoformat()
    # a day of another kind than was said would be read as one after all
    return f"?{cell}" if how and _ISO.fullmatch(cell) else cell


def personal_code(cell: str) -> tuple[str, bool]:
    """The code with the zero that a spreadsheet took from its front, and whether it was put back.

    >>> personal_code("1019011111"), personal_code("010190-11111")
    (('01019011111', True), ('010190-11111', False))
    """
    found = _DIGITS.fullmatch(cell)
    if found is None:
        return cell, False
    digits = found[1] + found[2]
    if len(digits) == _CODE_LENGTH - 1:
        return f"0{digits}", True
    return (cell if "-" in cell and " " not in cell else digits), False


def looks_like_code(cell: str) -> bool:
    """Whether this may be somebody's code, with or without its zero in front."""
    found = _DIGITS.fullmatch(cell)
    return found is not None and len(found[1] + found[2]) >= _CODE_LENGTH - 1


def operation(cell: str) -> str:
    """`upsert` or `withdraw`, or the cell as it stands."""
    said = folded(cell)
    if said in _WITHDRAWN:
        return Op.WITHDRAW.value
    return Op.UPSERT.value if not cell or said in _STATED else cell


def _iso(cell: str) -> date | None:
    found = _ISO.fullmatch(cell)
    return _real(*map(int, found.groups())) if found else None


def _dotted(cell: str) -> date | None:
    found = _DOTTED.fullmatch(cell)
    return _real(int(found[3]), int(found[2]), int(found[1])) if found else None


def _serial(cell: str) -> date | None:
    found = _SERIAL.fullmatch(cell)
    if not found or int(found[1]) < _FIRST_CERTAIN:
        return None
    return _EPOCH + timedelta(days=int(found[1]))


def _real(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


_READERS = {"iso": _iso, "dotted": _dotted, "serial": _serial}

"""Days and moments as registries write them: the standard asks for ISO 8601, its own samples write more than that.

A moment without a time zone counts as UTC, a day without a time as its midnight. A day is taken as it is written: the
time behind it says nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})\d{0,3})?([Zz]|[+-]\d{2}:\d{2})?)?", re.ASCII
)
_DOTTED = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})", re.ASCII)


def blank(value: Any) -> bool:
    """Whether a member says nothing: absent, null or a text of spaces, as the samples leave out the unknown."""
    return value is None or (isinstance(value, str) and not value.strip())


def moment(value: Any) -> datetime | None:
    """An aware moment in UTC; None for what says nothing or cannot be read."""
    written = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None:
        found = day(value)
        return None if found is None else datetime(found.year, found.month, found.day, tzinfo=UTC)
    time, fraction, zone = written[2] or "00:00:00", written[3] or "0", (written[4] or "Z").upper()
    try:
        return datetime.fromisoformat(f"{written[1]}T{time}.{fraction}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: Any) -> date | None:
    """The day as written (`2026-03-01`, `2026-03-01T00:00:00Z`, `01.03.2026`); None for anything else."""
    text = value.strip() if isinstance(value, str) else ""
    dotted, iso = _DOTTED.fullmatch(text), _MOMENT.fullmatch(text)
    if not dotted and not iso:
        return None
    try:
        if dotted:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
        return date.fromisoformat(text[:10])
    except ValueError:
        return None

"""The one clock. Pure code takes `at`; everything else asks here, so that a test can move time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

RIGA = ZoneInfo("Europe/Riga")
_offset = timedelta(0)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def today() -> date:
    """The local business day in Riga, the day on which rights begin and end."""
    return now().astimezone(RIGA).date()


@contextmanager
def moved(to: datetime) -> Iterator[None]:
    """Moves the clock so that it starts at `to` (aware) and runs on; for tests and drills."""
    global _offset
    before = _offset
    _offset = to - datetime.now(UTC)
    try:
        yield
    finally:
        _offset = before

"""When a message that was not taken is sent again."""

from datetime import timedelta

WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long is waited before each try, from the one before (Standard Webhooks 1.0, delivery and retries)."""


def next_wait(attempts: int) -> timedelta | None:
    """How long to wait after so many failed tries; None when there were enough.

    >>> str(next_wait(1)), next_wait(len(WAITS))
    ('0:00:05', None)
    """
    return WAITS[attempts] if attempts < len(WAITS) else None

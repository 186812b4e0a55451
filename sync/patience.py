"""Asking again: a request that met a busy or silent receiver is repeated after growing pauses."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from sync.clock import now
from sync.errors import PushUnavailable, ReceiverSilent

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
LONGEST_ASKED_PAUSE = 900.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to ask, at most `attempts` times (None: for ever), and how to wait in between."""

    attempts: int | None = None
    clock: Callable[[], datetime] = now
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep

    async def until_answered(
        self, ask: Callable[[], Awaitable[httpx.Response]], also: frozenset[int] = frozenset()
    ) -> httpx.Response:
        """The first answer that a repetition would not change; `ask` makes the request anew each time.

        `also` are statuses that pass for this request beside those that pass for every one.

        Raises:
            PushUnavailable: there was none in the agreed number of attempts.
        """
        attempt = 0
        while True:
            response = await _answer(ask)
            if response is not None and not is_passing(response) and response.status_code not in also:
                return response
            attempt += 1
            if attempt == self.attempts:
                raise PushUnavailable
            await self.sleep(pause(attempt, response, self.clock()))


FOR_EVER = Patience()


async def _answer(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response | None:
    try:
        return await ask()
    except (httpx.TransportError, ReceiverSilent):
        return None


def is_passing(response: httpx.Response) -> bool:
    """Whether the same request may be answered otherwise a little later."""
    return response.status_code in (408, 425, 429) or response.status_code >= 500


def pause(attempt: int, response: httpx.Response | None, at: datetime) -> float:
    """Seconds to wait: what the receiver asks for, else doubling with jitter so that senders do not march in step."""
    asked = _asked(response.headers.get("retry-after", ""), at) if response is not None else None
    if asked is not None:
        return min(asked, LONGEST_ASKED_PAUSE)
    longest: float = min(FIRST_PAUSE * 2 ** min(attempt - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret


def _asked(retry_after: str, at: datetime) -> float | None:
    """Retry-After (RFC 9110 section 10.2.3): seconds or a date; None if absent or unreadable."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max((parsedate_to_datetime(retry_after) - at) / timedelta(seconds=1), 0.0)
    except (ValueError, TypeError):
        return None

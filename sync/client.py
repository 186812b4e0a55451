"""Sending events: signed batches out of an outbox, repeated with growing pauses until each event has its verdict."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from sync import signature
from sync.clock import now
from sync.errors import AnswerUnreadable, PushRefused, PushUnavailable, UnreadableJson
from sync.message import BATCHED, MOST_EVENTS
from sync.outbox import Outbox
from sync.strict_json import strict_json
from sync.verdict import EventVerdict, answer_from_json

LARGEST_BODY = 1024 * 1024
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
LONGEST_ASKED_PAUSE = 900.0


class Pusher:
    """Posts the outbox's events to `POST /sync/v1/events`.

    One batch is in flight at a time, in the order the events were added. An event leaves the pending ones only with a
    verdict of the receiver, so a crash on either side repeats it and never loses it.
    """

    def __init__(
        self,
        url: str,
        keys: Sequence[signature.SigningKey],
        outbox: Outbox,
        http: httpx.AsyncClient,
        *,
        attempts: int | None = None,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """`attempts` is the most tries of one batch, None to try for ever."""
        self._url = url
        self._keys = keys
        self._outbox = outbox
        self._http = http
        self._attempts = attempts
        self._clock = clock
        self._sleep = sleep

    async def push(self, events: Iterable[dict[str, Any]]) -> tuple[EventVerdict, ...]:
        """Add events to the outbox and send all that is pending; the verdicts of all that was sent, in order."""
        self._outbox.add(events)
        return await self.drain()

    async def drain(self) -> tuple[EventVerdict, ...]:
        """Send what is pending. Raises `PushRefused`, `PushUnavailable` or `AnswerUnreadable`; nothing is lost then."""
        verdicts: list[EventVerdict] = []
        while batch := _fitting(self._outbox.pending(MOST_EVENTS)):
            answered = _verdicts(await self._deliver(_body(batch)), [event for _, event in batch])
            self._outbox.settle(zip((seq for seq, _ in batch), answered, strict=True))
            verdicts.extend(answered)
        return tuple(verdicts)

    async def _deliver(self, body: bytes) -> httpx.Response:
        # The id follows from the body: a repetition carries the same one, as Standard Webhooks asks.
        message_id = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
        attempt = 0
        while True:
            response = await self._attempt(message_id, body)
            if response is not None and response.status_code == 200:
                return response
            if response is not None and not _is_passing(response):
                raise PushRefused(response.status_code)
            attempt += 1
            if attempt == self._attempts:
                raise PushUnavailable
            await self._sleep(_pause(attempt, response, self._clock()))

    async def _attempt(self, message_id: str, body: bytes) -> httpx.Response | None:
        headers = signature.sign(self._keys, message_id, self._clock(), body)
        try:
            return await self._http.post(self._url, content=body, headers={**headers, "content-type": BATCHED})
        except httpx.TransportError:
            return None


def _is_passing(response: httpx.Response) -> bool:
    return response.status_code in (408, 425, 429) or response.status_code >= 500


def _pause(attempt: int, response: httpx.Response | None, at: datetime) -> float:
    """Seconds to wait: what the receiver asks for, else doubling with jitter so that senders do not march in step."""
    asked = _asked_pause(response.headers.get("retry-after", ""), at) if response is not None else None
    if asked is not None:
        return min(asked, LONGEST_ASKED_PAUSE)
    longest: float = min(FIRST_PAUSE * 2 ** min(attempt - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret


def _asked_pause(retry_after: str, at: datetime) -> float | None:
    """Retry-After (RFC 9110 section 10.2.3): seconds or a date; None if absent or unreadable."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max((parsedate_to_datetime(retry_after) - at) / timedelta(seconds=1), 0.0)
    except (ValueError, TypeError):
        return None


def _fitting(pending: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The longest beginning whose body the receiver takes; at least one event, so that an oversized one shows."""
    size = 2
    for count, (_, event) in enumerate(pending):
        size += len(event.encode()) + 1
        if size > LARGEST_BODY and count:
            return pending[:count]
    return pending


def _body(batch: list[tuple[int, str]]) -> bytes:
    return f"[{','.join(event for _, event in batch)}]".encode()


def _verdicts(response: httpx.Response, sent: list[str]) -> tuple[EventVerdict, ...]:
    try:
        verdicts = answer_from_json(strict_json(response.content))
    except UnreadableJson as error:
        raise AnswerUnreadable(str(error)) from None
    if len(verdicts) != len(sent):
        raise AnswerUnreadable(f"{len(verdicts)} verdicts for {len(sent)} events")
    if any(line.event_id not in (None, _id(event)) for line, event in zip(verdicts, sent, strict=True)):
        raise AnswerUnreadable("the verdicts are in another order than the events")
    return verdicts


def _id(event: str) -> Any:
    return json.loads(event).get("id")

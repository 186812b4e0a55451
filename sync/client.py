"""Sending events: signed batches out of an outbox, repeated with growing pauses until each event has its verdict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import httpx

from sync import signature
from sync.errors import AnswerUnreadable, PushRefused, UnreadableJson
from sync.message import BATCHED, MOST_EVENTS
from sync.outbox import Outbox
from sync.patience import FOR_EVER, Patience
from sync.strict_json import strict_json
from sync.verdict import EventVerdict, answer_from_json

LARGEST_BODY = 1024 * 1024


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
        patience: Patience = FOR_EVER,
    ) -> None:
        """`patience` says how often one batch is tried."""
        self._url = url
        self._keys = keys
        self._outbox = outbox
        self._http = http
        self._patience = patience

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
        response = await self._patience.until_answered(lambda: self._attempt(message_id, body))
        if response.status_code != httpx.codes.OK:
            raise PushRefused(response.status_code)
        return response

    async def _attempt(self, message_id: str, body: bytes) -> httpx.Response:
        # Signed anew each time: a signature is good for five minutes, and a receiver may be away for longer.
        headers = signature.sign(self._keys, message_id, self._patience.clock(), body)
        return await self._http.post(self._url, content=body, headers={**headers, "content-type": BATCHED})


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

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from sync import signature
from sync.client import LARGEST_BODY, Pusher
from sync.errors import AnswerUnreadable, PushRefused, PushUnavailable
from sync.message import MOST_EVENTS
from sync.outbox import Outbox
from sync.patience import Patience
from sync.verdict import Verdict

MakeEvent = Callable[..., dict[str, Any]]
URL = "http://receiver/sync/v1/events"


class Line(httpx.ASGITransport):
    """The way to the receiver, which can be cut: so many requests fail before they arrive."""

    outages = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.outages:
            self.outages -= 1
            raise httpx.ConnectError("no route")
        return await super().handle_async_request(request)


@pytest.fixture
def line(receiver: Any) -> Line:
    return Line(receiver)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(":memory:")


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
async def pusher(line: Line, outbox: Outbox, pauses: list[float], secret: str, at: datetime) -> AsyncIterator[Pusher]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with httpx.AsyncClient(transport=line) as http:
        keys = [signature.signing_key(secret)]
        yield Pusher(URL, keys, outbox, http, Patience(6, lambda: at, sleep))


async def test_each_event_gets_its_verdict(pusher: Pusher, make_event: MakeEvent, outbox: Outbox) -> None:
    events = [make_event(), make_event({"id": "e-2"}), make_event(version=0), make_event(version=2)]
    verdicts = await pusher.push(events)
    assert [line.verdict for line in verdicts] == [
        Verdict.APPLIED,
        Verdict.UNCHANGED,
        Verdict.REJECTED,
        Verdict.APPLIED,
    ]
    assert outbox.counts() == {"applied": 2, "unchanged": 1, "rejected": 1}


async def test_an_outage_is_waited_out_with_growing_pauses(
    pusher: Pusher, line: Line, make_event: MakeEvent, pauses: list[float]
) -> None:
    line.outages = 4
    assert [verdict.verdict for verdict in await pusher.push([make_event()])] == [Verdict.APPLIED]
    assert len(pauses) == 4
    assert all(0.25 * 2**n <= pause <= 0.5 * 2**n for n, pause in enumerate(pauses))


async def test_a_lost_answer_is_asked_for_again_under_the_same_id(
    pusher: Pusher, receiver: Any, make_event: MakeEvent
) -> None:
    receiver.lose_answers = 1
    assert [verdict.verdict for verdict in await pusher.push([make_event()])] == [Verdict.UNCHANGED]
    assert len(receiver.message_ids) == 2
    assert len(set(receiver.message_ids)) == 1


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        (lambda at: "7", 7.0),
        (lambda at: "999999", 900.0),
        (lambda at: format_datetime(at + timedelta(seconds=90), usegmt=True), 90.0),
        (lambda at: format_datetime(at - timedelta(seconds=90), usegmt=True), 0.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_honoured(
    pusher: Pusher,
    receiver: Any,
    make_event: MakeEvent,
    pauses: list[float],
    at: datetime,
    retry_after: Callable[[datetime], str],
    pause: float,
    status: int,
) -> None:
    receiver.troubles = [(status, {"retry-after": retry_after(at)}, b"")]
    await pusher.push([make_event()])
    assert pauses == [pause]


async def test_an_unreadable_retry_after_falls_back_to_our_own_pause(
    pusher: Pusher, receiver: Any, make_event: MakeEvent, pauses: list[float]
) -> None:
    receiver.troubles = [(503, {"retry-after": "soon"}, b"")]
    await pusher.push([make_event()])
    assert 0.25 <= pauses[0] <= 0.5


@pytest.mark.parametrize("status", [400, 401, 404, 413, 415, 422, 301])
async def test_a_refused_request_keeps_its_events(
    pusher: Pusher, receiver: Any, make_event: MakeEvent, outbox: Outbox, status: int
) -> None:
    receiver.troubles = [(status, {}, b"")]
    with pytest.raises(PushRefused) as refused:
        await pusher.push([make_event()])
    assert refused.value.status == status
    assert outbox.counts() == {"pending": 1}
    assert [verdict.verdict for verdict in await pusher.drain()] == [Verdict.APPLIED]


async def test_giving_up_keeps_the_events(pusher: Pusher, line: Line, make_event: MakeEvent, outbox: Outbox) -> None:
    line.outages = 6
    with pytest.raises(PushUnavailable):
        await pusher.push([make_event()])
    assert outbox.counts() == {"pending": 1}


@pytest.mark.parametrize(
    "answer",
    [b"", b"{}", b'{"verdicts": []}', b'{"verdicts": [{"id": "other", "verdict": "applied"}]}', b"\xff"],
)
async def test_an_answer_that_does_not_tell_keeps_the_events(
    pusher: Pusher, receiver: Any, make_event: MakeEvent, outbox: Outbox, answer: bytes
) -> None:
    receiver.troubles = [(200, {}, answer)]
    with pytest.raises(AnswerUnreadable):
        await pusher.push([make_event()])
    assert outbox.counts() == {"pending": 1}


async def test_more_than_a_thousand_events_go_in_several_requests(
    pusher: Pusher, receiver: Any, make_event: MakeEvent
) -> None:
    events = [make_event({"id": f"e-{n}"}, record_id=f"S-{n}") for n in range(MOST_EVENTS + 1)]
    assert len(await pusher.push(events)) == MOST_EVENTS + 1
    assert (len(receiver.message_ids), len(receiver.ledger)) == (2, MOST_EVENTS + 1)


async def test_no_request_is_larger_than_the_receiver_takes(
    pusher: Pusher, line: Line, receiver: Any, make_event: MakeEvent
) -> None:
    sizes: list[int] = []
    original = receiver.receive

    def measured(headers: Any, body: bytes) -> Any:
        sizes.append(len(body))
        return original(headers, body)

    receiver.receive = measured
    padding = {f"pad{n}": "x" * 200 for n in range(20)}
    await pusher.push([make_event({"id": f"e-{n}", **padding}, record_id=f"S-{n}") for n in range(600)])
    assert len(sizes) == 3
    assert max(sizes) <= LARGEST_BODY


async def test_nothing_pending_sends_nothing(pusher: Pusher, receiver: Any) -> None:
    assert await pusher.push([]) == ()
    assert receiver.message_ids == []

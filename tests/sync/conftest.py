"""What the tests of the sending and receiving side share: one well-formed event, and a receiver to send to."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sync import signature
from sync.clock import now
from sync.message import read_message
from sync.notice import Notice, ResidenceChanged, StatusFact
from sync.order import LedgerEntry, RecordKey, entry_of, take
from sync.verdict import EventVerdict, RowError, answer_to_json, rejected

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "sopa",
    "type": "status.fact.v1",
    "time": "2026-03-10T10:00:00+02:00",
    "datacontenttype": "application/json",
    "data": {
        "record_id": "S-1",
        "version": 1,
        "op": "upsert",
        "person": {
            "code": "161175-19997",
            "given_name": "Anna",
            "family_name": "Bērziņa",
            "birth_date": "1975-11-16",
        },
        "status": "TRUCIGA",
        "valid_from": "2026-03-01",
        "valid_to": "2026-05-31",
        "decision": {"number": "2026/17", "date": "2026-02-27", "authority": "Jelgavas Sociālo lietu pārvalde"},
        "household": "M-1",
    },
}

MakeEvent = Callable[..., dict[str, Any]]
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def make_event() -> MakeEvent:
    """A fresh event; keyword arguments change its data, `event=` its attributes; `...` as a value removes a member."""

    def make(event: Mapping[str, Any] | None = None, **data: Any) -> dict[str, Any]:
        made = copy.deepcopy(_EVENT)
        _change(made["data"], data)
        _change(made, event or {})
        return made

    return make


def _change(record: dict[str, Any], changes: Mapping[str, Any]) -> None:
    record.update(changes)
    for name, value in changes.items():
        if value is ...:
            del record[name]


class Receiver:
    """A receiver as small as can be: it verifies, reads, orders; `troubles` are statuses it answers first."""

    def __init__(self) -> None:
        self.ledger: dict[RecordKey, LedgerEntry] = {}
        self.message_ids: list[str] = []
        self.troubles: list[Answer] = []
        self.lose_answers = 0
        self.clock: Callable[[], datetime] = lambda: NOW

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.troubles:
            return self.troubles.pop(0)
        keys = {"k1": signature.verifying_key(SECRET)}
        self.message_ids.append(signature.verify(keys, headers, body, self.clock()).message_id)
        verdicts = [self._apply(event) for event in read_message(headers, body)]
        if self.lose_answers:
            self.lose_answers -= 1
            return 502, {}, b""
        return 200, {}, json.dumps(answer_to_json(verdicts)).encode()

    def _apply(self, event: Notice | RowError) -> EventVerdict:
        if isinstance(event, RowError):
            return rejected(event)
        assert isinstance(event.data, StatusFact | ResidenceChanged)
        record = RecordKey(event.source, event.data.record_id)
        return EventVerdict(event.event_id, take(self.ledger, record, entry_of(event.data, b"k" * 32)))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The same as an ASGI application."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        named = {name.decode(): value.decode() for name, value in scope["headers"]}
        status, headers, answer = self.receive(named, body)
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": answer})


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def at() -> datetime:
    return NOW


@pytest.fixture
def url(receiver: Receiver) -> Iterator[str]:
    """The receiver behind a real socket."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers, answer = receiver.receive(dict(self.headers), body)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    receiver.clock = now
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sync/v1/events"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret_file(tmp_path: Path, secret: str) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{secret}\n")
    return path

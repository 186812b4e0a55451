"""Text messages to a provider over HTTP, and into a folder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from stat import S_IMODE
from threading import Thread
from typing import Any

import pytest

from amis.notifying.errors import Delayed, NotSent, Refused, Unreachable
from amis.notifying.providers.sms import FileSms, HttpSms
from tests.notifying.providers.test_mail import ID, OUTGOING


class _Provider(ThreadingHTTPServer):
    """Answers with one status and keeps what it was sent."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.status = status
        self.taken: list[tuple[dict[str, str], dict[str, Any]]] = []


class _Taking(BaseHTTPRequestHandler):
    server: _Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append(({name.lower(): text for name, text in self.headers.items()}, json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing to the terminal."""


@contextmanager
def providing(status: int) -> Iterator[_Provider]:
    """A provider that answers with this status."""
    with _Provider(status) as provider:
        Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield provider
        provider.shutdown()


def test_a_provider_is_posted_the_short_text_under_a_key_that_stays() -> None:
    with providing(202) as provider:
        HttpSms(f"http://127.0.0.1:{provider.server_port}/sms", "s3cret").carry(OUTGOING)
    [(headers, body)] = provider.taken
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer s3cret", str(ID))
    assert body == {"id": str(ID), "to": OUTGOING.to, "from": "Jelgavas pašvaldība", "text": "Ābols"}


@pytest.mark.parametrize(
    ("status", "failure"),
    [(400, Refused), (404, Refused), (429, Delayed), (503, Delayed), (302, Delayed), (401, Unreachable)],
)
def test_an_answer_says_whether_to_come_again(status: int, failure: type[NotSent]) -> None:
    with providing(status) as provider, pytest.raises(failure) as caught:
        HttpSms(f"http://127.0.0.1:{provider.server_port}/", "").carry(OUTGOING)
    assert type(caught.value) is failure


def test_a_provider_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        HttpSms("http://127.0.0.1:1/", "").carry(OUTGOING)


def test_without_a_provider_each_message_is_a_file_of_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "outgoing/sms"
    FileSms(folder).carry(OUTGOING)
    FileSms(folder).carry(OUTGOING)
    [file] = folder.iterdir()
    assert (json.loads(file.read_text())["text"], S_IMODE(file.stat().st_mode)) == ("Ābols", 0o600)
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable):
        FileSms(tmp_path / "file").carry(OUTGOING)

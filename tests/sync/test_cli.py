from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sync.cli import app, read_events_file
from sync.clock import now
from sync.errors import UnreadableJson
from sync.order import RecordKey
from sync.schema import schema_files

MakeEvent = Callable[..., dict[str, Any]]
runner = CliRunner()


@pytest.fixture
def url(receiver: Any) -> Iterator[str]:
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


def run(*arguments: object) -> tuple[int, str]:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("lines", [False, True])
def test_push_sends_a_file_and_tells_each_verdict(
    tmp_path: Path, url: str, secret_file: Path, make_event: MakeEvent, lines: bool
) -> None:
    events = [make_event(), make_event({"id": "e-2"}, version=0)]
    file, box = tmp_path / "events.json", tmp_path / "box"
    file.write_text("\n".join(map(json.dumps, events)) if lines else json.dumps(events, indent=1))
    code, output = run("push", file, "--url", url, "--secret-file", secret_file, "--outbox", box, "--json")
    assert code == 0
    assert json.loads(output) == [
        {"id": "e-1", "verdict": "applied"},
        {"id": "e-2", "verdict": "rejected", "error": {"code": "version.invalid", "pointer": "/data/version"}},
    ]
    code, output = run("status", "--outbox", box, "--json")
    assert json.loads(output) == {
        "counts": {"applied": 1, "rejected": 1},
        "refused": [[2, "rejected", "version.invalid", "/data/version"]],
    }
    assert "version.invalid /data/version" in run("status", "--outbox", box)[1]


def test_push_to_nobody_fails_and_keeps_the_events(tmp_path: Path, secret_file: Path, make_event: MakeEvent) -> None:
    file, box = tmp_path / "events.json", tmp_path / "box"
    file.write_text(json.dumps([make_event()]))
    arguments = ("--url", "http://127.0.0.1:9/", "--secret-file", secret_file, "--outbox", box, "--attempts", 1)
    assert run("push", file, *arguments)[0] == 1
    assert json.loads(run("status", "--outbox", box, "--json")[1])["counts"] == {"pending": 1}


@pytest.mark.parametrize(("events", "secret"), [("[", None), ("[]", "no key")])
def test_an_unreadable_file_or_key_is_an_error_of_the_caller(
    tmp_path: Path, secret_file: Path, events: str, secret: str | None
) -> None:
    file = tmp_path / "events.json"
    file.write_text(events)
    if secret:
        secret_file.write_text(secret)
    assert run("push", file, "--url", "http://127.0.0.1:9/", "--secret-file", secret_file)[0] == 2


def test_simulate_once_loads_the_town_and_a_second_time_changes_nothing(
    tmp_path: Path, url: str, secret_file: Path, receiver: Any
) -> None:
    arguments = ("--url", url, "--secret-file", secret_file, "--persons", 30, "--once", "--state", tmp_path / "s")
    code, output = run("simulate", *arguments)
    assert code == 0
    assert "applied" in output
    loaded = dict(receiver.ledger)
    assert RecordKey("sopa", "S-000001") in loaded
    code, output = run("simulate", *arguments)
    assert (code, "unchanged" in output, "conflict" in output) == (0, True, False)
    assert receiver.ledger == loaded


def test_schemas_writes_the_published_files(tmp_path: Path) -> None:
    assert run("schemas", tmp_path)[0] == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict(schema_files())


def test_a_file_is_an_array_or_lines() -> None:
    assert read_events_file(b' [{"a": 1}]') == [{"a": 1}]
    assert read_events_file(b'{"a": 1}\n\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    with pytest.raises(UnreadableJson):
        read_events_file(b'{"a": 1} {"a": 2}')

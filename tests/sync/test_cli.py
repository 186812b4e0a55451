from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sync.cli import app, read_events_file
from sync.errors import UnreadableJson
from sync.schema import schema_files

MakeEvent = Callable[..., dict[str, Any]]
runner = CliRunner()


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


def test_replay_sends_again_what_the_outbox_holds_as_refused(
    tmp_path: Path, url: str, secret_file: Path, receiver: Any, make_event: MakeEvent
) -> None:
    file, box = tmp_path / "events.json", tmp_path / "box"
    file.write_text(json.dumps([make_event(), make_event({"id": "e-2"}, household="M-2")]))
    arguments = ("--url", url, "--secret-file", secret_file, "--outbox", box, "--json")
    assert [line["verdict"] for line in json.loads(run("push", file, *arguments)[1])] == ["applied", "conflict"]
    receiver.ledger.clear()
    assert json.loads(run("replay", *arguments)[1]) == [{"id": "e-2", "verdict": "applied"}]
    assert json.loads(run("status", "--outbox", box, "--json")[1])["counts"] == {"applied": 2}
    assert run("replay", "--outbox", box)[0] == 2


def test_schemas_writes_the_published_files(tmp_path: Path) -> None:
    assert run("schemas", tmp_path)[0] == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict(schema_files())


def test_a_file_is_an_array_or_lines() -> None:
    assert read_events_file(b' [{"a": 1}]') == [{"a": 1}]
    assert read_events_file(b'{"a": 1}\n\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    with pytest.raises(UnreadableJson):
        read_events_file(b'{"a": 1} {"a": 2}')

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sync.order import RecordKey
from sync.pretend.letters import read_registry
from sync.sopa_cli import app
from sync.spdci.key import public_key

runner = CliRunner()


def run(*arguments: object) -> tuple[int, str]:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


@pytest.fixture
def arguments(url: str, secret_file: Path, tmp_path: Path) -> tuple[object, ...]:
    """The least that a run needs."""
    state = ("--state", tmp_path / "state")
    return ("simulate", "--url", url, "--secret-file", secret_file, "--persons", 30, "--source", "sopa", *state)


def test_the_town_is_loaded_once_and_a_second_time_changes_nothing(
    arguments: tuple[object, ...], receiver: Any
) -> None:
    code, output = run(*arguments, "--once")
    assert (code, "applied" in output, "not compared" in output) == (0, True, True)
    loaded = dict(receiver.ledger)
    assert {RecordKey("sopa", "S-000001"), RecordKey("sopa", "R-000030")} <= loaded.keys()
    code, output = run(*arguments, "--once", "--json")
    (way,) = json.loads(output.splitlines()[0])["ways"].values()
    assert (code, way["verdicts"].keys()) == (0, {"unchanged"})
    assert receiver.ledger == loaded


def test_an_answer_that_must_not_be_ends_with_1(arguments: tuple[object, ...], receiver: Any) -> None:
    receiver.troubles = [(401, {}, b"")]
    code, output = run(*arguments, "--once", "--json")
    told = json.loads(output.splitlines()[0])
    assert (code, told["well"], told["different"]) == (1, False, 1)
    assert told["differences"][0]["what"] == "must 200 30 applied; came 401"


def test_another_plan_does_not_go_on_in_the_same_folder(arguments: tuple[object, ...]) -> None:
    assert run(*arguments, "--once")[0] == 0
    code, output = run(*arguments, "--once", "--seed", 2)
    assert (code, "diary.of_another" in output) == (2, True)


@pytest.mark.parametrize(
    ("more", "code"),
    [(("--via", "pigeon"), 2), (("--machine", "/nowhere"), 2), (("--mischief", "2"), 2)],
)
def test_what_cannot_be_played_is_an_error(arguments: tuple[object, ...], more: tuple[str, ...], code: int) -> None:
    assert run(*arguments, "--once", *more)[0] == code


def test_a_registry_is_made_with_its_public_key_for_the_receiver(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    code, output = run("registry", file, "--registry-id", "sopa.x", "--receiver-id", "amis.x")
    made = read_registry(file)
    assert (code, made.registry_id, made.receiver_id) == (0, "sopa.x", "amis.x")
    assert public_key(output).kid == made.key.kid

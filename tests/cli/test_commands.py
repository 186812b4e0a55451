"""The command `amis` itself: its list, its manners, and what it leaves unimported."""

import importlib
import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from amis import cli

# Pydantic is not among them: Typer itself brings it.
SERVER_PARTS = ("sqlalchemy", "fastapi", "psycopg", "starlette", "uvicorn", "alembic", "jinja2")


def run(*words: str):  # type: ignore[no-untyped-def]  # a result of the runner
    return CliRunner().invoke(cli.app, list(words), prog_name="amis")


def test_the_help_lists_every_command_with_its_meaning() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name, (_, meaning) in cli.COMMANDS.items():
        assert name in result.stdout
        assert meaning.split(":")[0] in result.stdout


def test_the_version_is_that_of_the_distribution() -> None:
    assert run("--version").stdout.strip() == version("amis-concessions")


def test_without_a_command_there_is_help() -> None:
    assert "Commands" in run().output


def test_an_unknown_command_is_an_error_that_names_it() -> None:
    result = run("teleport")
    assert result.exit_code == 2
    assert "teleport" in result.stderr


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_there_and_helps(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Usage: amis {name}") or f"amis {name}" in result.stdout
    module, _, attribute = cli.COMMANDS[name][0].partition(":")
    assert getattr(importlib.import_module(module), attribute).info.help


def test_a_command_whose_part_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.COMMANDS, "moon", ("no_such_part.cli:app", "The moon."))
    result = run("moon")
    assert (result.exit_code, result.stderr) == (
        1,
        "amis moon needs no_such_part: pip install 'amis-concessions[server]'\n",
    )
    assert "moon" in run("--help").stdout


@pytest.mark.parametrize("words", ["--help", "terminal --help", "terminal tap --help", "sopa-sim --help"])
def test_the_edge_runs_without_the_parts_of_the_server(words: str) -> None:
    assert "Usage" in without_server_parts(words).stdout


def test_a_server_s_command_without_its_parts_says_what_to_install() -> None:
    result = without_server_parts("db status")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.endswith(": pip install 'amis-concessions[server]'\n")


def without_server_parts(words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in an interpreter in which no part of the server can be imported."""
    program = (
        f"import sys; sys.modules |= dict.fromkeys({SERVER_PARTS!r}); from amis.cli import app; app(prog_name='amis')"
    )
    command = [sys.executable, "-c", program, *words.split()]
    return subprocess.run(command, capture_output=True, text=True, check=False)

"""What a desk or a validator installs, `amis-concessions[desk]`, is enough for their commands.

Everything else that is installed for development is made impossible to import: what is left is the closure of the
dependencies in pyproject.toml.
"""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
OWN = {"amis", "cards", "rules", "sync", "terminals"}
PROGRAM = """
import json, sys

class Absent:
    names = set(json.loads(sys.argv[1])) | set(sys.stdlib_module_names)

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if path is None and name not in cls.names and not name.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent)
from typer.testing import CliRunner
from amis.cli import app

for words in json.loads(sys.argv[2]):
    result = CliRunner().invoke(app, words, prog_name="amis")
    print(json.dumps([result.exit_code, result.output or str(result.exception)]))
"""


def closure(names: list[str]) -> set[str]:
    """The distributions that installing `names` brings."""
    found: set[str] = set()
    waiting = [(Requirement(name), "") for name in names]
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        if name in found and not wanted.extras:
            continue
        found.add(name)
        try:
            below = requires(wanted.name) or []
        except PackageNotFoundError:
            pytest.fail(f"{wanted.name} is not installed")
        waiting += [(Requirement(each), kind) for each in below for kind in ("", *wanted.extras)]
    return found


def modules(extras: list[str]) -> set[str]:
    """What can be imported where only these extras are installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = project["dependencies"] + [name for extra in extras for name in project["optional-dependencies"][extra]]
    there = closure(names)
    return OWN | {
        module
        for module, distributions in packages_distributions().items()
        if there & {canonicalize_name(name) for name in distributions}
    }


def run(there: set[str], folder: Path, *commands: str) -> list[tuple[int, str]]:
    """Exit code and output of each command."""
    words = json.dumps([command.split() for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(sorted(there)), words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PCSCLITE_CSOCK_NAME": str(folder / "no-pcscd"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def test_a_desk_and_a_validator_need_no_part_of_the_server(tmp_path: Path) -> None:
    there = modules(["desk"])
    assert "smartcard" in there
    assert not there & {"sqlalchemy", "fastapi", "psycopg", "starlette", "jinja2", "PIL", "fpdf", "pkcs11"}
    commands = {
        "desk --help": (0, "pair"),
        "terminal --help": (0, "tap"),
        "simcard new card": (0, ""),
        "simcard show card": (0, "uid"),
        "desk readers": (2, "pcscd"),
        "cards read": (2, "pcscd"),
        "desk run": (2, "not paired"),
        "cards personalise 7K3M": (2, "not paired"),
        "cards block 7K3M": (2, "not paired"),
        "terminal tap 7K3M": (2, "not paired"),
    }
    for (command, (code, word)), (given, output) in zip(commands.items(), run(there, tmp_path, *commands), strict=True):
        assert given == code, (command, output)
        assert word in output, (command, output)


def test_without_the_extra_a_desk_is_told_what_to_install(tmp_path: Path) -> None:
    (readers, ran) = run(modules([]), tmp_path, "desk readers", "cards readers")
    assert readers == ran
    assert readers[0] == 2
    assert "pip install 'amis-concessions[desk]'" in readers[1]

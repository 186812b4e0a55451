"""The rules of the house, checked on the source itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("amis", "cards", "rules", "sync", "terminals")
ROOMS_UP = ["kernel", "web", "staff", "concessions", "register", "granting", "issuing", "validating", "intake"]
ROOMS_UP += ["holder", "reporting", "notifying", "outbound", "worker", "app", "demo", "cli", "migrations"]
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_imports_keep_the_layers() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_only_a_clock_reads_the_time(path: Path) -> None:
    if path.name == "clock.py":
        return
    reads = re.findall(r"datetime\.(?:now|utcnow|today)\(|date\.today\(|\btime\.time\(", path.read_text())
    assert reads == []


def tables_of_rooms() -> dict[str, str]:
    """table -> room, from the models."""
    found = {}
    for path in (ROOT / "amis").glob("*/models.py"):
        for table in re.findall(r'__tablename__ = "(\w+)"', path.read_text()):
            found[table] = path.parent.name
    return found


def sql_texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b", text):
            yield text


def test_sql_names_only_tables_of_its_own_room_and_of_those_below() -> None:
    rooms = tables_of_rooms()
    wrong = []
    for path in (ROOT / "amis").glob("*/**/*.py"):
        room = path.relative_to(ROOT / "amis").parts[0]
        if room == "migrations":
            continue
        for sql in sql_texts(ast.parse(path.read_text())):
            for table in re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", sql):
                owner = rooms.get(table)
                if owner and ROOMS_UP.index(owner) > ROOMS_UP.index(room):
                    wrong.append(f"{path.relative_to(ROOT)} names {table} of {owner}")
    assert wrong == []


def test_only_the_kernel_commits() -> None:
    commits = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "amis").glob("*/**/*.py")
        if re.search(r"\.commit\(\)|session\.begin\(", path.read_text())
    ]
    assert commits == ["amis/kernel/db.py"]


def test_every_acceptance_case_of_the_first_town_has_its_test() -> None:
    text = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    missing = [case for case in ("t01", "t02", "t03", "t04", "t06", "t29", "t33") if f"def test_{case}_" not in text]
    assert missing == []

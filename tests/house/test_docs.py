"""The documentation says what is there: pages are current, what they name exists."""

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from amis.cli import app
from amis.demo.walk import STEPS
from amis.kernel.settings import Settings
from cards.keys.ring import USES
from tests.house.generated import DOCS, PAGES

ROOT = DOCS.parent
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
CARD = list(csv.DictReader((DOCS / "security" / "asvs.csv").open(encoding="utf-8")))
OURS = ("amis/", "cards/", "rules/", "sync/", "terminals/", "tests/", "docs/", ".ci/")
OF_THE_DATA_FOLDER = ("var/", "keys/", "audit/")
_CODE = re.compile(r"```.*?\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def code(path: Path) -> Iterator[str]:
    """Each line of code in a page, inline or in a block."""
    for block, inline in _CODE.findall(path.read_text(encoding="utf-8")):
        yield from (block or inline).replace("\\\n", " ").splitlines()


@cache
def nodes_of(file: str) -> frozenset[str]:
    """The tests that a file holds."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


@pytest.mark.parametrize("file", PAGES)
def test_a_page_written_by_the_code_is_current(file: str) -> None:
    assert (DOCS / file).read_text(encoding="utf-8") == PAGES[file]()


def test_the_score_card_names_each_requirement_once() -> None:
    found = [row["requirement"] for row in CARD]
    assert len(found) > 100
    assert len(found) == len(set(found))


def test_the_score_card_says_of_each_requirement_whether_it_applies_and_why() -> None:
    for row in CARD:
        assert set(row) == {"requirement", "level", "applies", "reason", "control", "test"}, row
        assert row["applies"] in ("yes", "no", "later"), row
        assert row["level"] in ("1", "2", "3"), row
        assert row["control"] if row["applies"] == "yes" else row["reason"], row


def test_what_the_score_card_claims_is_shown_by_tests_that_exist() -> None:
    for row in CARD:
        nodes = row["test"].split()
        assert bool(nodes) == (row["applies"] == "yes"), row
        for node in nodes:
            file, _, name = node.partition("::")
            assert name in nodes_of(file), f"{row['requirement']} names {node}"


@pytest.mark.parametrize("path", TEXTS, ids=names(TEXTS))
def test_every_path_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    missing = [link for link in linked if not (path.parent / link.partition("#")[0]).exists()]
    spoken = [word for line in code(path) for word in re.findall(r"[\w./-]+", line) if word.startswith(OURS)]
    missing += [word for word in spoken if not (ROOT / word.rstrip(".")).exists()]
    assert missing == []


def test_every_function_of_the_walk_is_where_the_readme_says() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    pairs = re.findall(r"`([\w/]+\.py)` `(\w+)`", text)
    assert len(pairs) >= 12
    missing = [pair for pair in pairs if f"def {pair[1]}(" not in (ROOT / pair[0]).read_text(encoding="utf-8")]
    assert missing == []


@pytest.mark.parametrize("path", TEXTS, ids=names(TEXTS))
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {f"AMIS_{name.upper()}" for name in Settings.model_fields} | {"AMIS_COUNTS"}
    assert set(re.findall(r"\bAMIS_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))) - known == set()


def commands_in(path: Path) -> list[list[str]]:
    """The words after each `amis` at the head of a command."""
    heads = (re.search(r"(?:^|[ /$])amis ((?:--)?[a-z].*)", line) for line in code(path))
    return [match[1].split() for match in heads if match]


def refused(words: list[str]) -> str:
    """What is wrong with a command line; empty when command, sub-command and options exist."""
    command: Any = get_command(app)
    options = {"--help"} | _options(command)
    for word in words:
        if word.startswith("--"):
            if word not in options:
                return f"{' '.join(words)}: no option {word}"
        elif hasattr(command, "list_commands") and command.list_commands(None):
            command = command.get_command(None, word)
            if command is None:
                return f"{' '.join(words)}: no command {word}"
            options |= _options(command)
    return ""


def _options(command: Any) -> set[str]:
    return {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("path", TEXTS, ids=names(TEXTS))
def test_every_command_that_is_named_exists(path: Path) -> None:
    assert [fault for words in commands_in(path) if (fault := refused(words))] == []


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert refused(["audit", "verify", "--json"]) == ""
    assert refused(["account", "code", "admin@jelgava.example"]) == ""
    assert refused(["audit", "falsify"]).endswith("no command falsify")
    assert refused(["doctor", "--heal"]).endswith("no option --heal")


@pytest.mark.parametrize("path", TEXTS, ids=names(TEXTS))
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {target for line in code(path) for target in re.findall(r"\bmake ([a-z]+)", line)} - targets == set()


def test_the_readme_shows_the_walk_as_it_is_played() -> None:
    shown = re.findall(r"^ +[\d.]+ ms  (.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(shown) == len(STEPS)
    for line, (title, _) in zip(shown, STEPS, strict=True):
        assert line.startswith(f"{title}: "), line


def test_every_use_of_keys_is_documented_with_its_algorithm() -> None:
    rows = re.findall(r"^\| `([a-z]+)(?:/[\w-]+)?` \| ([^|]+) \|", (DOCS / "keys.md").read_text(), re.MULTILINE)
    assert {(name, algorithm.strip()) for name, algorithm in rows} == {(name, str(kind)) for name, kind in USES.items()}


def test_every_audited_action_is_documented() -> None:
    known = set(re.findall(r"`([a-z_]+\.[a-z_.]+)`", (DOCS / "logging.md").read_text(encoding="utf-8")))
    assert {action for action in audited() if action not in known} == set()


_ACTION = re.compile(r"[a-z_]+\.[a-z_.]+")


def audited() -> set[str]:
    """The actions that the code writes into the audit trail, as far as they stand there as a text."""
    found: set[str] = set()
    for path in (ROOT / "amis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("audit.record", "_note")):
                parts = (part for arg in node.args[:2] for part in ast.walk(arg))
                texts = {str(part.value) for part in parts if isinstance(part, ast.Constant)}
                found |= {text for text in texts if _ACTION.fullmatch(text)}
    return found

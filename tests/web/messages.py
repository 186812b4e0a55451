"""Which texts the program asks for: found in the sources of every room, by the same rules for all."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

import amis

ROOT = Path(amis.__file__).parent
PERMISSIONS = ROOT / "staff" / "permissions.toml"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "mark": None}


def asked() -> dict[str, str]:
    """Each message id (the singular of a plural) with the first file that asks for it."""
    found: dict[str, str] = {}
    for path, message in _all():
        found.setdefault(message, str(path.relative_to(ROOT)))
    return found


def _all() -> Iterator[tuple[Path, str]]:
    for path in sorted(ROOT.glob("*/templates/**/*.html")):
        yield from ((path, message) for message in _in_template(path))
    for path in sorted(ROOT.rglob("*.py")):
        yield from ((path, message) for message in _in_python(path))
    yield from ((PERMISSIONS, message) for message in _of_permissions())
    for path in sorted(ROOT.glob("*/errors.py")):
        yield from ((path, message) for message in error_messages(path.read_text()))


def _first(messages: object) -> str:
    return messages if isinstance(messages, str) else next(text for text in messages if text)  # type: ignore[attr-defined]


def _in_template(path: Path) -> list[str]:
    with path.open("rb") as file:
        options = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
        return [_first(messages) for _, _, messages, _ in babel_extract(file, list(KEYWORDS), [], options)]


def _in_python(path: Path) -> list[str]:
    with path.open("rb") as file:
        found = extract_python(file, KEYWORDS, [], {"encoding": "utf-8"})
        return [_first(messages) for _, _, messages, _ in found if messages and any(messages)]


def _of_permissions() -> list[str]:
    named = tomllib.loads(PERMISSIONS.read_text())
    return [*named["permissions"].values(), *(role["name"] for role in named["roles"].values())]


def error_messages(source: str) -> list[str]:
    """The messages of errors: docstrings of classes that have a `code`, which readers see (RFC 9457 `title`)."""
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    return [" ".join((ast.get_docstring(node) or "").split()) for node in classes if _has_code(node)]


def _has_code(node: ast.ClassDef) -> bool:
    plain = [target for line in node.body if isinstance(line, ast.Assign) for target in line.targets]
    typed = [line.target for line in node.body if isinstance(line, ast.AnnAssign)]
    return any(isinstance(target, ast.Name) and target.id == "code" for target in plain + typed)

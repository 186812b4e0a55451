"""Writes the golden cases that are made of signed objects: python -m tests.terminals.vectors.write"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from rules.shape import Json
from tests.terminals.vectors import bundles, credentials, offline

FOLDER = Path(__file__).parents[3] / "terminals" / "vectors"
FILES: Mapping[str, Callable[[], Json]] = {
    "credentials.json": credentials.cases,
    "bundle.json": bundles.cases,
    "offline.json": offline.cases,
}


def text(content: Json) -> str:
    """A case a line, so that a change shows as the case that it changes."""
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_rows(value)}" for key, value in content.items()) + "\n}\n"


def _rows(value: object) -> str:
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"    {_line(row)}" for row in value) + "\n  ]"
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"    {_line(name)}: {_line(row)}" for name, row in value.items()) + "\n  }"
    return _line(value)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    for name, made in FILES.items():
        (FOLDER / name).write_text(text(made()), "utf-8")

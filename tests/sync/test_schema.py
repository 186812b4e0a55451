from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from sync.events import EVENT_TYPES
from sync.schema import FOLDER, json_schema, schema_files, write_schemas


def test_the_published_schemas_are_the_generated_ones() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == dict(schema_files())


def test_writing_them_again_gives_the_same_files(tmp_path: Path) -> None:
    write_schemas(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{name}.json" for name in EVENT_TYPES}


def validator(name: str) -> Draft202012Validator:
    schema = json_schema(EVENT_TYPES[name])
    meta.validate(schema)
    return Draft202012Validator(schema, validate_formats=True)


def test_a_good_fact_is_valid_by_its_schema(make_event: Callable[..., dict[str, Any]]) -> None:
    validator("status.fact.v1").validate(make_event()["data"])
    validator("status.fact.v1").validate(make_event(valid_to=None, decision=...)["data"])


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"op": "delete"},
        {"valid_from": "2026-13-01"},
        {"valid_to": ...},
        {"income": 1},
        {"person": {"code": "1"}},
        {"decision": None},
        {"status": ""},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_too(
    make_event: Callable[..., dict[str, Any]], changes: dict[str, Any]
) -> None:
    assert not validator("status.fact.v1").is_valid(make_event(**changes)["data"])


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_schema_is_a_schema_that_refuses_strangers(name: str) -> None:
    assert not validator(name).is_valid({"stranger": 1})

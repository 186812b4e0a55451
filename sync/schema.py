"""JSON Schemas (draft 2020-12) of the event types' data, generated from the table that also reads the events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sync.events import EVENT_TYPES, EventType
from sync.fields import Field, Kind
from sync.strict_json import LARGEST_INTEGER

FOLDER = Path(__file__).parent / "schemas"


def json_schema(event_type: EventType) -> dict[str, Any]:
    """The schema of the `data` member of events of this type."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event_type.name,
        **_record(event_type.fields),
    }


def schema_files() -> Iterator[tuple[str, str]]:
    """The file name and text of each published schema."""
    for event_type in EVENT_TYPES.values():
        yield f"{event_type.name}.json", json.dumps(json_schema(event_type), indent=2) + "\n"


def write_schemas(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files():
        (folder / name).write_text(text, encoding="utf-8")


def _record(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _field(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    schema = _record(field.fields) if field.kind is Kind.RECORD else _scalar(field)
    return {**schema, "type": [schema["type"], "null"]} if field.nullable else schema


def _scalar(field: Field) -> dict[str, Any]:
    if field.kind is Kind.INTEGER:
        return {"type": "integer", "minimum": field.least, "maximum": LARGEST_INTEGER}
    if field.kind is Kind.CHOICE:
        return {"type": "string", "enum": list(field.choices)}
    if field.kind is Kind.DATE:
        return {"type": "string", "format": "date"}
    if field.kind is Kind.PERSONAL_CODE:
        return {"type": "string", "pattern": "^[0-9]{6}-?[0-9]{5}$"}
    return {"type": "string", "minLength": 1, "maxLength": field.longest}

"""What was refused as a form: a field for each member of the event type, or its JSON where no form fits.

All of it is pure: content in, texts of fields out, and the other way round. `sync.events` says which fields there are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from amis.intake.chunk_refused import ROW
from amis.web.formats import day, parse_day
from sync.errors import UnreadableJson
from sync.events import EVENT_TYPES, EventType
from sync.fields import Field, Kind
from sync.message import STRUCTURED
from sync.rows import FACT
from sync.strict_json import strict_json

CORRECTABLE = (STRUCTURED, ROW)
"""Content types of the quarantine that a form or a text can put right."""
TEXT = "content"
"""The one field of a form that takes JSON."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of the form: `name` is its place in the data with hyphens, such as person-code."""

    name: str
    field: Field


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A refused notice as it is put right: `type` None where only its JSON can be.

    `whole` is what stands around the data, `left_out` names members of it that nothing is agreed about.
    """

    content: bytes
    type: EventType | None
    whole: Mapping[str, Any]
    data: Mapping[str, Any]
    left_out: tuple[str, ...]
    is_row: bool

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The fields in their order; none where the JSON itself is put right."""
        return tuple(_leaves(self.type.fields)) if self.type else ()


def drafted(content_type: str, content: bytes, *, as_text: bool = False) -> Draft:
    """What was refused, ready for a form; `as_text` asks for its JSON although a form would fit."""
    is_row = content_type == ROW
    try:
        whole = strict_json(content)
    except UnreadableJson:
        whole = None
    type_name, data = (FACT, whole) if is_row else _of_event(whole)
    event_type = EVENT_TYPES.get(type_name) if isinstance(type_name, str) else None
    if as_text or event_type is None or not isinstance(data, dict):
        return Draft(content, None, {}, {}, (), is_row)
    around = {} if is_row else {name: value for name, value in whole.items() if name != "data"}
    return Draft(content, event_type, around, data, tuple(_unknown(event_type.fields, data)), is_row)


def shown(draft: Draft, language: str) -> dict[str, str]:
    """The texts of the form's fields; days as people of this language write them."""
    if draft.type is None:
        return {TEXT: _pretty(draft.content)}
    return {leaf.name: _text(leaf, draft.data, language) for leaf in draft.leaves}


def corrected(draft: Draft, typed: Mapping[str, str]) -> bytes:
    """The notice as it was put right, as JSON; what cannot be read is left as it was typed, to be refused."""
    if draft.type is None:
        return typed.get(TEXT, "").encode(errors="replace")
    data = _stated(draft.type.fields, typed)
    return json.dumps(data if draft.is_row else {**draft.whole, "data": data}, ensure_ascii=False).encode()


def field_at(pointer: str, leaves: Sequence[Leaf]) -> str:
    """The field of the form to which a JSON pointer leads, its first one for a whole record; empty if there is none."""
    name = pointer.removeprefix("/data").strip("/").replace("/", "-")
    if not name or not pointer.startswith("/data"):
        return ""
    return next((leaf.name for leaf in leaves if leaf.name == name or leaf.name.startswith(f"{name}-")), "")


def _of_event(whole: Any) -> tuple[Any, Any]:
    return (whole.get("type"), whole.get("data")) if isinstance(whole, dict) else (None, None)


def _leaves(fields: Sequence[Field], prefix: str = "") -> Iterator[Leaf]:
    for field in fields:
        if field.kind is Kind.RECORD:
            yield from _leaves(field.fields, f"{prefix}{field.name}-")
        else:
            yield Leaf(f"{prefix}{field.name}", field)


def _unknown(fields: Sequence[Field], data: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Members that no field is for, and records whose fields would not show what stands there."""
    known = {field.name: field for field in fields}
    for name, value in data.items():
        field = known.get(name)
        if field is None:
            yield f"{prefix}{name}"
        elif field.kind is Kind.RECORD:
            if isinstance(value, dict):
                yield from _unknown(field.fields, value, f"{prefix}{name}/")
            elif value is not None:
                yield f"{prefix}{name}"


def _text(leaf: Leaf, data: Mapping[str, Any], language: str) -> str:
    value: Any = data
    for name in leaf.name.split("-"):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _worded_day(value, language) if leaf.field.kind is Kind.DATE else value


def _worded_day(text: str, language: str) -> str:
    try:
        return day(date.fromisoformat(text), language) if len(text) == len("2026-05-31") else text
    except ValueError:
        return text


def _stated(fields: Sequence[Field], typed: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    record: dict[str, Any] = {}
    for field in fields:
        if field.kind is Kind.RECORD:
            inner = _stated(field.fields, typed, f"{prefix}{field.name}-")
            if inner or field.required:
                record[field.name] = inner
        elif text := typed.get(f"{prefix}{field.name}", "").strip():
            record[field.name] = _value(field, text)
        elif field.nullable:
            record[field.name] = None
    return record


def _value(field: Field, text: str) -> str | int:
    if field.kind is Kind.INTEGER and text.isascii() and text.isdecimal() and len(text) <= len(str(2**53)):
        return int(text)
    if field.kind is Kind.DATE:
        try:
            return parse_day(text).isoformat()
        except ValueError:
            return text
    return text


def _pretty(content: bytes) -> str:
    try:
        return json.dumps(strict_json(content), ensure_ascii=False, indent=2)
    except UnreadableJson:
        return content.decode(errors="replace")

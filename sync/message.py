"""CloudEvents 1.0 over HTTP: the binary, structured and batched content modes (HTTP binding section 3, JSON format)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from sync.errors import MediaTypeUnsupported, TooManyEvents, UnreadableJson
from sync.events import EVENT_TYPES
from sync.fields import Field, Kind, RowRefused, text
from sync.notice import Notice
from sync.strict_json import strict_json
from sync.verdict import RowCode, RowError

MOST_EVENTS = 1000
STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
_JSON = "application/json"
_ID = Field("id", Kind.TEXT, longest=256)
_SOURCE = Field("source", Kind.TEXT, longest=256)
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,64}")
_CHARSET = re.compile(r"charset=\"?utf-8\"?", re.IGNORECASE)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:(\.\d{1,6})\d*)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def read_message(headers: Mapping[str, str], body: bytes) -> tuple[Notice | RowError, ...]:
    """Read one HTTP message into its events, in their order; a bad event never stops the good ones.

    Raises `MediaTypeUnsupported` (415), `UnreadableJson` (400) and `TooManyEvents` (413), where nothing can be read.
    """
    named = {name.lower(): value for name, value in headers.items()}
    media_type = _media_type(named.get("content-type", ""))
    if media_type == BATCHED:
        return tuple(read_event(event) for event in _batch(body))
    if media_type == STRUCTURED:
        return (read_event(strict_json(body)),)
    if media_type == _JSON and "ce-specversion" in named:
        return (_read_binary(named, body),)
    raise MediaTypeUnsupported


def structured_events(headers: Mapping[str, str], body: bytes) -> tuple[bytes, ...]:
    """Each event of a message that `read_message` reads, in its order and in the structured mode: one JSON object."""
    named = {name.lower(): value for name, value in headers.items()}
    media_type = _media_type(named.get("content-type", ""))
    if media_type == STRUCTURED:
        return (body,)
    events = _batch(body) if media_type == BATCHED else [{**_attributes(named, "replace"), "data": strict_json(body)}]
    return tuple(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() for event in events)


def read_event(event: Any) -> Notice | RowError:
    """Read one event in the JSON format, already parsed; bad events come back as their `RowError`."""
    if not isinstance(event, dict):
        return RowError(RowCode.SCHEMA_UNSUPPORTED, "")
    try:
        return _read(event)
    except RowRefused as refused:
        return RowError(refused.error.code, refused.error.pointer, _readable_id(event))


def _readable_id(event: dict[str, Any]) -> str | None:
    try:
        return text(_ID, event.get("id"), "/id")
    except RowRefused:
        return None


def _read(event: dict[str, Any]) -> Notice:
    _check_attributes(event)
    event_type = EVENT_TYPES.get(event["type"]) if isinstance(event.get("type"), str) else None
    if event_type is None:
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, "/type")
    event_id, source = text(_ID, event.get("id"), "/id"), text(_SOURCE, event.get("source"), "/source")
    return Notice(event_id, source, event_type.name, _time(event.get("time")), event_type.read(event.get("data")))


def _check_attributes(event: dict[str, Any]) -> None:
    if event.get("specversion") != "1.0":
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, "/specversion")
    if event.get("datacontenttype", _JSON) != _JSON:
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, "/datacontenttype")
    # Extension attributes are allowed and not kept; data_base64 falls here too: JSON data travels as `data`.
    if any(not _ATTRIBUTE.fullmatch(name) for name in event):
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, "")


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    written = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, "/time")
    try:
        moment = datetime.fromisoformat(f"{value[:19].upper()}{written[1] or ''}{written[2].upper()}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, "/time") from None


def _media_type(content_type: str) -> str:
    media_type, *parameters = (part.strip() for part in content_type.split(";"))
    if not all(_CHARSET.fullmatch(parameter) for parameter in parameters):
        raise MediaTypeUnsupported
    return media_type.lower()


def _batch(body: bytes) -> list[Any]:
    events = strict_json(body)
    if not isinstance(events, list):
        raise UnreadableJson("a batch is an array of events")
    if len(events) > MOST_EVENTS:
        raise TooManyEvents
    return events


def _read_binary(headers: Mapping[str, str], body: bytes) -> Notice | RowError:
    try:
        attributes = _attributes(headers)
    except RowRefused as refused:
        return refused.error
    return read_event({**attributes, "data": strict_json(body)})


def _attributes(headers: Mapping[str, str], errors: str = "strict") -> dict[str, str]:
    found = {name[3:]: value for name, value in headers.items() if name.startswith("ce-")}
    for name, value in found.items():
        try:
            found[name] = unquote_to_bytes(value).decode("utf-8", errors)
        except UnicodeError:
            raise RowRefused(RowCode.ENCODING_INVALID, f"/{name}"[:65]) from None
    return found

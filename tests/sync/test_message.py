from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import MediaTypeUnsupported, SyncError, TooManyEvents, UnreadableJson
from sync.message import BATCHED, MOST_EVENTS, STRUCTURED, read_event, read_message
from sync.notice import Notice, StatusFact
from sync.verdict import RowError

MakeEvent = Callable[..., dict[str, Any]]


def structured(event: Any) -> tuple[dict[str, str], bytes]:
    return {"Content-Type": STRUCTURED}, json.dumps(event).encode()


def batched(*events: Any) -> tuple[dict[str, str], bytes]:
    return {"content-type": BATCHED}, json.dumps(events).encode()


def binary(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    headers = {f"Ce-{name}": quote(event[name]) for name in ("id", "source", "specversion", "type", "time")}
    return {**headers, "Content-Type": "application/json; charset=UTF-8"}, json.dumps(event["data"]).encode()


def test_the_three_modes_carry_the_same_notice(make_event: MakeEvent) -> None:
    event = make_event({"id": "ē-1 %"})
    modes = [read_message(*structured(event)), read_message(*batched(event)), read_message(*binary(event))]
    (notice,) = modes[0]
    assert isinstance(notice, Notice)
    assert isinstance(notice.data, StatusFact)
    assert (notice.event_id, notice.source, notice.type) == ("ē-1 %", "sopa", "status.fact.v1")
    assert notice.time == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    assert modes == [(notice,)] * 3


def test_bad_events_of_a_batch_do_not_stop_the_good_ones(make_event: MakeEvent) -> None:
    events = [make_event({"id": "1"}), make_event({"id": "2"}, version=0), None, make_event({"id": "4"}), 5]
    read = read_message(*batched(*events))
    assert [event.event_id for event in read] == ["1", "2", None, "4", None]
    assert [type(event) for event in read] == [Notice, RowError, RowError, Notice, RowError]


def test_a_batch_may_hold_a_thousand_events_and_no_more() -> None:
    assert len(read_message(*batched(*[1] * MOST_EVENTS))) == MOST_EVENTS
    assert read_message(*batched()) == ()
    with pytest.raises(TooManyEvents):
        read_message(*batched(*[1] * (MOST_EVENTS + 1)))


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"specversion": "0.3"}, "schema.unsupported", "/specversion"),
        ({"specversion": ...}, "schema.unsupported", "/specversion"),
        ({"type": "status.fact.v9"}, "schema.unsupported", "/type"),
        ({"type": ["status.fact.v1"]}, "schema.unsupported", "/type"),
        ({"id": ...}, "schema.unsupported", "/id"),
        ({"id": ""}, "schema.unsupported", "/id"),
        ({"id": "a\tb"}, "encoding.invalid", "/id"),
        ({"source": 1}, "schema.unsupported", "/source"),
        ({"datacontenttype": "text/xml"}, "schema.unsupported", "/datacontenttype"),
        ({"data": ...}, "schema.unsupported", "/data"),
        ({"data": []}, "schema.unsupported", "/data"),
        ({"data_base64": "e30="}, "schema.unsupported", ""),
        ({"time": "2026-03-10"}, "schema.unsupported", "/time"),
        ({"time": "2026-03-10T10:00:00"}, "schema.unsupported", "/time"),
        ({"time": "2026-02-30T10:00:00Z"}, "schema.unsupported", "/time"),
        ({"time": "2026-03-10T10:00:00123Z"}, "schema.unsupported", "/time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "schema.unsupported", "/time"),
        ({"time": 1614265330}, "schema.unsupported", "/time"),
    ],
)
def test_a_faulty_envelope_is_told_where(
    make_event: MakeEvent, changes: dict[str, Any], code: str, pointer: str
) -> None:
    error = read_event(make_event(changes))
    assert isinstance(error, RowError)
    assert (error.code, error.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026-03-10T10:00:00.123456789Z", datetime(2026, 3, 10, 10, 0, 0, 123456, UTC)),
        ("2026-03-10t10:00:00.5z", datetime(2026, 3, 10, 10, 0, 0, 500000, UTC)),
        ("2026-03-10T10:00:00-01:30", datetime(2026, 3, 10, 11, 30, tzinfo=UTC)),
        (None, None),
    ],
)
def test_times_are_rfc_3339_and_come_in_utc(make_event: MakeEvent, written: str | None, time: datetime | None) -> None:
    notice = read_event(make_event({"time": written}))
    assert isinstance(notice, Notice)
    assert notice.time == time


def test_extension_attributes_are_allowed_and_not_kept(make_event: MakeEvent) -> None:
    assert read_event(make_event({"traceparent": "00-1", "sequence": 4})) == read_event(make_event())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json"},
        {"content-type": "application/cloudevents+avro"},
        {"content-type": f"{STRUCTURED}; charset=windows-1257"},
        {"content-type": "text/plain", "ce-specversion": "1.0"},
    ],
)
def test_what_is_no_cloudevent_is_refused_whole(headers: dict[str, str]) -> None:
    with pytest.raises(MediaTypeUnsupported):
        read_message(headers, b"{}")


def test_a_batch_that_is_no_array_is_refused_whole(make_event: MakeEvent) -> None:
    with pytest.raises(UnreadableJson):
        read_message({"content-type": BATCHED}, structured(make_event())[1])


def test_a_header_that_is_no_utf8_is_an_encoding_error(make_event: MakeEvent) -> None:
    headers, body = binary(make_event())
    (error,) = read_message(headers | {"Ce-id": "%FF"}, body)
    assert isinstance(error, RowError)
    assert (error.code, error.pointer) == ("encoding.invalid", "/id")


_headers = st.dictionaries(
    st.sampled_from(["content-type", "ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time", "ce-", "ce-data"]),
    st.sampled_from([STRUCTURED, BATCHED, "application/json", "1.0", "status.fact.v1", "%ff"]) | st.text(max_size=20),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(_headers, st.binary(max_size=60) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_message_gives_notices_row_errors_or_our_error(headers: dict[str, str], body: bytes) -> None:
    try:
        events = read_message(headers, body)
    except SyncError:
        return
    assert all(isinstance(event, Notice | RowError) for event in events)


_paths = [(), ("id",), ("type",), ("time",), ("data",), *(("data", name) for name in ("person", "valid_to", "version"))]


@given(st.sampled_from(_paths), _json, st.booleans())
def test_anything_in_one_place_of_a_good_event_is_read_or_refused(path: tuple[str, ...], odd: Any, batch: bool) -> None:
    event: Any = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "sopa",
        "type": "status.fact.v1",
        "data": {
            "record_id": "S-1",
            "version": 1,
            "op": "upsert",
            "person": {"code": "16117519997"},
            "status": "TRUCIGA",
            "valid_from": "2026-03-01",
            "valid_to": None,
        },
    }
    if path:
        (event["data"] if len(path) > 1 else event)[path[-1]] = odd
    else:
        event = odd
    try:
        (read,) = read_message(*(batched(event) if batch else structured(event)))
    except UnreadableJson:
        return
    assert isinstance(read, Notice | RowError)

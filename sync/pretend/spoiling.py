"""One of every mistake that a row of a source can have, with the code that it must be refused with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from sync.pretend.desk import Spoilt
from sync.pretend.record import DIED, Record

Row = dict[str, Any]


def _without(name: str) -> Callable[[Row], object]:
    return lambda row: row.pop(name)


def _with(**members: Any) -> Callable[[Row], object]:
    return lambda row: row.update(members)


def _no_code(row: Row) -> None:
    row["person"]["code"] = "1234-5"


def _unknown(row: Row) -> None:
    row["person"]["code"] = "399999-99999"


def _ends_first(row: Row) -> None:
    row["valid_from"], row["valid_to"] = "2026-05-31", "2026-05-01"


MISTAKES: Mapping[str, Callable[[Row], object]] = {
    "record_id.missing": _without("record_id"),
    "version.invalid": _with(version=0),
    "op.unknown": _with(op="erase"),
    "person_code.invalid": _no_code,
    "status.unknown": _with(status="NEKAS"),
    "valid_from.invalid": _with(valid_from="2026-02-30"),
    "valid_to.invalid": _with(valid_to="31.05.2026"),
    "valid.reversed": _ends_first,
}
"""What can be wrong with a row on every way, by the code that tells of it."""
JSON_MISTAKES: Mapping[str, Callable[[Row], object]] = {
    "encoding.invalid": _with(household="M-1\x07"),
    "schema.unsupported": _with(income="412.50"),
}
"""What only JSON can carry."""


def spoilt_rows(record: Record, fmt: str) -> list[Spoilt]:
    """Copies of a record's row, each with another mistake, under names that the record has not."""
    mistakes = MISTAKES if fmt == "csv" else {**MISTAKES, **JSON_MISTAKES}
    return [_spoilt(record.row, code, mistake) for code, mistake in mistakes.items()]


def spoilt_events(record: Record, source: str) -> list[Spoilt]:
    """The same as events, and mistakes that only events can have."""
    event = record.event(source)
    found = [_as_event(event, rotten) for rotten in spoilt_rows(record, "ndjson")]
    foreign = {**event, "id": f"{event['id']}-source", "source": f"{source}/elsewhere"}
    newer = {**event, "id": f"{event['id']}-type", "type": "status.fact.v9"}
    return [
        *found,
        Spoilt(foreign, "source.not_authoritative"),
        Spoilt(newer, "schema.unsupported"),
        Spoilt(_death_of_nobody(record, event), "person_code.unknown"),
    ]


def _spoilt(row: Mapping[str, Any], code: str, mistake: Callable[[Row], object]) -> Spoilt:
    bad = copy.deepcopy(dict(row))
    # a row that went through by mistake would be a record of its own, and show as drift
    bad["record_id"] = f"X-{code}-{row['version']}"
    mistake(bad)
    return Spoilt(bad, code)


def _as_event(event: Mapping[str, Any], row: Spoilt) -> Spoilt:
    return Spoilt({**event, "id": f"{event['id']}-{row.code}", "data": row.content}, row.code)


def _death_of_nobody(record: Record, event: Mapping[str, Any]) -> dict[str, Any]:
    data = {"record_id": f"X-death-{record.version}", "version": record.version, "op": "upsert"}
    bad: dict[str, Any] = {**data, "person": {"code": ""}, "died_on": "2026-01-31"}
    _unknown(bad)
    return {**event, "id": f"{event['id']}-death", "type": DIED, "data": bad}

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sync.events import EVENT_TYPES
from sync.fields import RowRefused
from sync.notice import (
    DecisionRef,
    Heartbeat,
    HouseholdChanged,
    Op,
    OtherCode,
    PersonCodeChanged,
    PersonDied,
    PersonMerged,
    PersonRef,
    PersonUnmerged,
    ResidenceChanged,
    StatusFact,
)

RECORD = {"record_id": "X-1", "version": 3, "op": "upsert", "person": {"code": "16117519997"}}
PERSON = PersonRef("16117519997")


def test_a_status_fact_is_read_whole_with_half_open_days(make_event: Callable[..., dict[str, Any]]) -> None:
    assert EVENT_TYPES["status.fact.v1"].read(make_event()["data"]) == StatusFact(
        record_id="S-1",
        version=1,
        op=Op.UPSERT,
        person=PersonRef("16117519997", "Anna", "Bērziņa", date(1975, 11, 16)),
        status="TRUCIGA",
        valid_from=date(2026, 3, 1),
        valid_until=date(2026, 6, 1),
        decision=DecisionRef("2026/17", date(2026, 2, 27), "Jelgavas Sociālo lietu pārvalde"),
        household="M-1",
    )


def test_optional_members_may_be_absent(make_event: Callable[..., dict[str, Any]]) -> None:
    event = make_event(decision=..., household=..., person={"code": "16117519997"})
    fact = EVENT_TYPES["status.fact.v1"].read(event["data"])
    assert isinstance(fact, StatusFact)
    assert (fact.decision, fact.household, fact.person) == (None, None, PERSON)


@pytest.mark.parametrize(
    ("wire", "until"),
    [(None, None), ("9999-12-31", None), ("2026-03-01", date(2026, 3, 2)), ("2028-02-28", date(2028, 2, 29))],
)
def test_the_last_day_on_the_wire_is_inclusive(
    make_event: Callable[..., dict[str, Any]], wire: str | None, until: date | None
) -> None:
    fact = EVENT_TYPES["status.fact.v1"].read(make_event(valid_to=wire)["data"])
    assert isinstance(fact, StatusFact)
    assert fact.valid_until == until


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"record_id": ...}, "record_id.missing", "/data/record_id"),
        ({"record_id": ""}, "record_id.missing", "/data/record_id"),
        ({"record_id": 7}, "record_id.missing", "/data/record_id"),
        ({"version": 0}, "version.invalid", "/data/version"),
        ({"version": True}, "version.invalid", "/data/version"),
        ({"version": 1.0}, "version.invalid", "/data/version"),
        ({"version": "1"}, "version.invalid", "/data/version"),
        ({"op": "delete"}, "op.unknown", "/data/op"),
        ({"op": ["upsert"]}, "op.unknown", "/data/op"),
        ({"person": ...}, "person_code.invalid", "/data/person"),
        ({"person": {}}, "person_code.invalid", "/data/person/code"),
        ({"person": {"code": "161175-19998"}}, "person_code.invalid", "/data/person/code"),
        ({"person": {"code": 16117519997}}, "person_code.invalid", "/data/person/code"),
        ({"status": ...}, "status.unknown", "/data/status"),
        ({"valid_from": ...}, "valid_from.invalid", "/data/valid_from"),
        ({"valid_from": None}, "valid_from.invalid", "/data/valid_from"),
        ({"valid_from": "20260301"}, "valid_from.invalid", "/data/valid_from"),
        ({"valid_from": "2026-W10-7"}, "valid_from.invalid", "/data/valid_from"),
        ({"valid_from": "2026-02-29"}, "valid_from.invalid", "/data/valid_from"),
        ({"valid_to": "01.06.2026"}, "valid_to.invalid", "/data/valid_to"),
        ({"valid_to": ...}, "valid_to.invalid", "/data/valid_to"),
        ({"valid_to": "2026-02-28"}, "valid.reversed", "/data/valid_to"),
        ({"household": "M\u0007"}, "encoding.invalid", "/data/household"),
        ({"household": "M\u0085"}, "encoding.invalid", "/data/household"),
        ({"household": None}, "schema.unsupported", "/data/household"),
        ({"decision": []}, "schema.unsupported", "/data/decision"),
        ({"decision": {"number": "1", "authority": "x"}}, "schema.unsupported", "/data/decision/date"),
        ({"income": 300}, "schema.unsupported", "/data/income"),
        ({"a/b~c": 1}, "schema.unsupported", "/data/a~1b~0c"),
    ],
)
def test_each_fault_has_its_code_and_its_place(
    make_event: Callable[..., dict[str, Any]], changes: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(RowRefused) as refused:
        EVENT_TYPES["status.fact.v1"].read(make_event(**changes)["data"])
    assert (refused.value.error.code, refused.value.error.pointer) == (code, pointer)


def test_texts_come_in_one_normal_form(make_event: Callable[..., dict[str, Any]]) -> None:
    decomposed = make_event(person={"code": "16117519997", "family_name": "Be\u0304rzin\u0327a"})
    fact = EVENT_TYPES["status.fact.v1"].read(decomposed["data"])
    assert isinstance(fact, StatusFact)
    assert fact.person.family_name == "Bērziņa"


@pytest.mark.parametrize(
    ("event_type", "data", "expected"),
    [
        (
            "person.code_changed.v1",
            RECORD | {"new_code": "290758-10403", "changed_on": "2026-03-02"},
            PersonCodeChanged("X-1", 3, Op.UPSERT, PERSON, "29075810403", date(2026, 3, 2)),
        ),
        (
            "person.died.v1",
            RECORD | {"died_on": "2026-03-02"},
            PersonDied("X-1", 3, Op.UPSERT, PERSON, date(2026, 3, 2)),
        ),
        (
            "residence.changed.v1",
            RECORD | {"municipality": None, "since": "2026-03-02", "op": "withdraw"},
            ResidenceChanged("X-1", 3, Op.WITHDRAW, PERSON, None, date(2026, 3, 2)),
        ),
        (
            "household.changed.v1",
            RECORD | {"household": None, "since": "2026-03-02"},
            HouseholdChanged("X-1", 3, Op.UPSERT, PERSON, None, date(2026, 3, 2)),
        ),
        (
            "person.merged.v1",
            RECORD | {"merged": {"code": "290758-10403"}},
            PersonMerged("X-1", 3, Op.UPSERT, PERSON, OtherCode("29075810403")),
        ),
        (
            "person.unmerged.v1",
            RECORD | {"merged": {"code": "290758-10403"}, "unmerged_on": "2026-03-02"},
            PersonUnmerged("X-1", 3, Op.UPSERT, PERSON, OtherCode("29075810403"), date(2026, 3, 2)),
        ),
        ("source.heartbeat.v1", {"sequence": 0}, Heartbeat(0)),
        ("source.heartbeat.v1", {"sequence": 9, "pending": 4}, Heartbeat(9, 4)),
    ],
)
def test_the_other_types_are_read(event_type: str, data: dict[str, Any], expected: object) -> None:
    assert EVENT_TYPES[event_type].read(data) == expected


@pytest.mark.parametrize("event_type", ["person.merged.v1", "person.unmerged.v1"])
def test_nobody_is_merged_with_themselves(event_type: str) -> None:
    parted = {"unmerged_on": "2026-03-02"} if event_type == "person.unmerged.v1" else {}
    with pytest.raises(RowRefused) as refused:
        EVENT_TYPES[event_type].read(RECORD | {"merged": {"code": "161175-19997"}} | parted)
    assert (refused.value.error.code, refused.value.error.pointer) == ("person_code.invalid", "/data/merged/code")


def test_a_notice_does_not_print_the_person() -> None:
    new = {"new_code": "29075810403", "changed_on": "2026-03-02"}
    changed = EVENT_TYPES["person.code_changed.v1"].read(RECORD | new)
    died = EVENT_TYPES["person.died.v1"].read(RECORD | {"died_on": "2026-03-02"})
    assert "16117519997" not in f"{changed}{died}"
    merged = EVENT_TYPES["person.merged.v1"].read(RECORD | {"merged": {"code": "29075810403"}})
    assert "29075810403" not in f"{changed}{died}{merged}"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sync.errors import MappingInvalid
from sync.mapping import Authority, Mapping, Meaning, StatedFact, mapping_from_json, mapping_to_json, translate
from sync.message import read_event
from sync.notice import Notice, PersonRef
from sync.verdict import RowCode, RowError

MakeEvent = Callable[..., dict[str, Any]]
MAPPING = Mapping("sopa", {"TRUCIGA": Meaning("needy", "yes"), "INV1": Meaning("disability", "I")}, frozenset())
AUTHORITY = Authority({"needy": ("sopa",), "disability": ("vdeavk", "sopa")})


def notice(event: dict[str, Any]) -> Notice:
    read = read_event(event)
    assert isinstance(read, Notice)
    return read


def test_a_known_status_becomes_a_fact(make_event: MakeEvent) -> None:
    stated = translate(MAPPING, AUTHORITY, notice(make_event(status="INV1")))
    assert isinstance(stated, StatedFact)
    assert (stated.fact, stated.value, stated.rank) == ("disability", "I", 1)


def test_only_configured_fields_are_kept(make_event: MakeEvent) -> None:
    stated = translate(MAPPING, AUTHORITY, notice(make_event()))
    assert isinstance(stated, StatedFact)
    assert stated.stated.person == PersonRef("16117519997")
    assert (stated.stated.decision, stated.stated.household) == (None, None)


def test_fields_that_are_configured_stay(make_event: MakeEvent) -> None:
    keep = frozenset({"given_name", "family_name", "birth_date", "decision", "household"})
    event = notice(make_event())
    stated = translate(Mapping("sopa", MAPPING.statuses, keep), AUTHORITY, event)
    assert isinstance(stated, StatedFact)
    assert stated.stated == event.data


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ({}, {"status": "DZIVS"}, RowCode.STATUS_UNKNOWN),
        ({}, {"status": "truciga"}, RowCode.STATUS_UNKNOWN),
        ({"source": "other"}, {}, RowCode.SOURCE_NOT_AUTHORITATIVE),
    ],
)
def test_what_the_table_does_not_name_is_refused(
    make_event: MakeEvent, event: dict[str, Any], data: dict[str, Any], code: RowCode
) -> None:
    error = translate(MAPPING, AUTHORITY, notice(make_event(event, **data)))
    assert isinstance(error, RowError)
    assert (error.code, error.event_id) == (code, "e-1")


def test_a_source_without_a_say_in_the_kind_is_refused(make_event: MakeEvent) -> None:
    error = translate(MAPPING, Authority({"needy": ("vsaa",)}), notice(make_event()))
    assert error == RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/data/status", "e-1")


def test_another_kind_of_notice_is_no_status(make_event: MakeEvent) -> None:
    heartbeat = make_event({"type": "source.heartbeat.v1", "data": {"sequence": 1}})
    assert isinstance(translate(MAPPING, AUTHORITY, notice(heartbeat)), RowError)


def test_a_source_states_only_the_types_of_events_that_its_table_lists(make_event: MakeEvent) -> None:
    table = mapping_to_json(MAPPING) | {"types": ["person.died.v1"]}
    error = translate(mapping_from_json(table), AUTHORITY, notice(make_event()))
    assert error == RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/type", "e-1")
    assert mapping_to_json(mapping_from_json(table)) == table
    with pytest.raises(MappingInvalid):
        mapping_from_json(table | {"types": ["person.born.v1"]})


def test_the_most_trusted_source_ranks_first() -> None:
    assert [AUTHORITY.rank("disability", source) for source in ("vdeavk", "sopa", "csv")] == [0, 1, None]
    assert AUTHORITY.rank("income", "sopa") is None


def test_a_table_is_read_back() -> None:
    assert mapping_from_json(mapping_to_json(MAPPING)) == MAPPING


def test_a_table_without_keep_keeps_all_optional_fields() -> None:
    assert mapping_from_json({"source": "s", "statuses": {}}).keep == {
        "given_name",
        "family_name",
        "birth_date",
        "decision",
        "household",
    }


@pytest.mark.parametrize(
    "table",
    [
        None,
        {},
        {"source": "s"},
        {"source": 1, "statuses": {}},
        {"source": "s", "statuses": []},
        {"source": "s", "statuses": {}, "other": 1},
        {"source": "s", "statuses": {}, "keep": ["income"]},
        {"source": "s", "statuses": {}, "keep": "household"},
        {"source": "s", "statuses": {"A": {"fact": "x"}}},
        {"source": "s", "statuses": {"A": {"fact": "x", "value": 1}}},
        {"source": "s", "statuses": {"A": {"fact": "", "value": "x"}}},
    ],
)
def test_a_malformed_table_is_refused(table: Any) -> None:
    with pytest.raises(MappingInvalid):
        mapping_from_json(table)

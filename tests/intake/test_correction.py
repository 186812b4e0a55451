"""What was refused as a form, and back."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.intake.chunk_refused import ROW
from amis.intake.correction import TEXT, corrected, drafted, field_at, shown
from amis.intake.wording import FIELDS, TYPES
from sync.events import EVENT_TYPES
from sync.fields import Field, Kind
from sync.message import STRUCTURED, read_event
from sync.rows import RawRow, read_row
from tests.intake.wire import event, new_code, of_person

_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=9
)
_OF_KIND = {
    Kind.TEXT: _WORDS,
    Kind.DATE: st.dates(min_value=date(1900, 1, 1)).map(date.isoformat),
    Kind.INTEGER: st.integers(1, 2**53 - 1),
    Kind.PERSONAL_CODE: st.builds(new_code),
}


def _records(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({field.name: _values(field) for field in fields})


def _values(field: Field) -> st.SearchStrategy[Any]:
    if field.kind is Kind.RECORD:
        return _records(field.fields)
    found = st.sampled_from(field.choices) if field.kind is Kind.CHOICE else _OF_KIND[field.kind]
    return st.none() | found if field.nullable else found


@given(st.data(), st.sampled_from(sorted(EVENT_TYPES)), st.sampled_from(["lv", "en"]))
def test_a_form_that_nobody_touches_says_what_the_event_said(data: st.DataObject, kind: str, language: str) -> None:
    stated = event(kind) | {"data": data.draw(_records(EVENT_TYPES[kind].fields))}
    draft = drafted(STRUCTURED, json.dumps(stated).encode())
    again = json.loads(corrected(draft, shown(draft, language)))
    assert again == stated
    assert read_event(again) == read_event(stated)


def test_every_field_and_every_type_has_a_name() -> None:
    assert set(TYPES) == set(EVENT_TYPES)
    for kind in EVENT_TYPES:
        draft = drafted(STRUCTURED, json.dumps(event(kind)).encode())
        assert {leaf.name for leaf in draft.leaves} <= set(FIELDS), kind


def test_what_is_typed_is_read_as_people_write_it() -> None:
    bad = of_person(new_code(), "A", valid_from="pirmdien", decision={"number": "7", "date": "x", "authority": "SLP"})
    draft = drafted(ROW, json.dumps(bad["data"]).encode())
    typed = shown(draft, "lv")
    assert (typed["valid_from"], typed["valid_to"], typed["decision-date"]) == ("pirmdien", "31.05.2026.", "x")
    put_right = typed | {"valid_from": "01.03.2026.", "valid_to": "", "decision-date": "2026-02-28", "version": "2"}
    found = read_row(RawRow(1, corrected(draft, put_right)))
    assert (found.version, found.valid_from, found.valid_until) == (2, date(2026, 3, 1), None)  # type: ignore[union-attr]
    emptied = {name: "" for name in typed if name.startswith("decision")} | {"household": ""}
    assert read_row(RawRow(1, corrected(draft, put_right | emptied))).decision is None  # type: ignore[union-attr]


def test_members_that_nothing_is_agreed_about_are_named_and_left_out() -> None:
    bad = of_person(new_code(), "A", income=5, decision="no")
    bad["data"]["person"]["phone"] = "2"
    draft = drafted(STRUCTURED, json.dumps(bad).encode())
    assert draft.left_out == ("person/phone", "income", "decision")
    assert not {"income", "decision"} & json.loads(corrected(draft, shown(draft, "en")))["data"].keys()


@pytest.mark.parametrize(
    "content", [b"{not json", b"[]", b'{"type": "no.such.v1", "data": {}}', b'{"type": "status.fact.v1"}', b"\xff"]
)
def test_what_fits_no_form_is_put_right_as_json(content: bytes) -> None:
    draft = drafted(STRUCTURED, content)
    assert (draft.type, draft.leaves, set(shown(draft, "en"))) == (None, (), {TEXT})
    assert corrected(draft, {TEXT: '{"a": "ķ"}'}) == '{"a": "ķ"}'.encode()


def test_the_place_of_a_fault_is_found_in_the_form() -> None:
    leaves = drafted(STRUCTURED, json.dumps(event()).encode()).leaves
    found = [field_at(f"/data{place}", leaves) for place in ("/person/code", "/person", "/status", "/income", "")]
    assert found == ["person-code", "person-code", "status", "", ""]
    assert field_at("/source", leaves) == ""

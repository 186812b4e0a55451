from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.events import EVENT_TYPES
from sync.fields import Field, Kind, RowRefused, read_record
from sync.verdict import RowCode

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_names = sorted({field.name for event_type in EVENT_TYPES.values() for field in event_type.fields})


@given(st.sampled_from(sorted(EVENT_TYPES)), _values | st.dictionaries(st.sampled_from(_names), _values))
def test_any_data_is_read_or_refused_with_a_place_inside_it(name: str, data: object) -> None:
    error = None
    try:
        EVENT_TYPES[name].read(data)
    except RowRefused as refused:
        error = refused.error
    assert error is None or (error.pointer.startswith("/data") and error.code in RowCode)


@given(st.text(max_size=30))
def test_a_text_is_kept_in_normal_form_or_refused(value: str) -> None:
    field = Field("name", Kind.TEXT, longest=20)
    try:
        kept = read_record((field,), {"name": value}, "")["name"]
    except RowRefused:
        assert not 0 < len(value) <= 20 or not value.isprintable()
        return
    assert read_record((field,), {"name": kept}, "") == {"name": kept}
    assert json.dumps(kept, ensure_ascii=False).encode()


def test_a_refusal_repeats_no_value() -> None:
    field = Field("code", Kind.PERSONAL_CODE, RowCode.PERSON_CODE_INVALID)
    with pytest.raises(RowRefused) as refused:
        read_record((field,), {"code": "161175-19998"}, "/data/person")
    assert "161175" not in f"{refused.value}{refused.value.error}"

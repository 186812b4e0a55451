from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.errors import UnreadableJson
from sync.strict_json import DEEPEST, LARGEST_INTEGER, strict_json

_texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e400",
        b"[-1e999]",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 100_000,
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"a\\u0000b"',
        b'"a\x00b"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        b"",
        b"{} {}",
        b"{'a': 1}",
        b"[1,]",
        b"[" * 100_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableJson):
        strict_json(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"9007199254740991", LARGEST_INTEGER),
        (b"-9007199254740991", -LARGEST_INTEGER),
        (b'"\\ud83d\\ude8c"', "🚌"),
        (b"[" * DEEPEST + b"]" * DEEPEST, json.loads("[" * DEEPEST + "]" * DEEPEST)),
        (b'"' + b"[" * 100 + b'"', "[" * 100),
        (b"[[],[],[]]" + b" " * 3, [[], [], []]),
        ('"Ēriks"'.encode(), "Ēriks"),
    ],
)
def test_what_is_merely_unusual_is_read(body: bytes, value: Any) -> None:
    assert strict_json(body) == value


def test_many_shallow_arrays_are_not_deep() -> None:
    assert strict_json(b"[" + b",".join([b"[]"] * 500) + b"]") == [[]] * 500


@given(_values, st.booleans())
def test_what_any_writer_writes_is_read_back(value: Any, ascii_only: bool) -> None:
    assert strict_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200) | st.text('{}[]",:\\u0dD8e+-1aN', max_size=60).map(str.encode))
@example(b'{"":[1e5,{"x":null}]}')
def test_any_bytes_give_a_value_or_our_error(body: bytes) -> None:
    try:
        value = strict_json(body)
    except UnreadableJson:
        return
    assert not isinstance(value, float) or math.isfinite(value)
    assert json.loads(body) == value


def test_the_error_names_the_line() -> None:
    with pytest.raises(UnreadableJson, match="line 3") as refused:
        strict_json(b'{\n"a": 1,\n"b": }')
    assert refused.value.line == 3

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.spdci.canonical import canonical
from sync.strict_json import LARGEST_INTEGER, strict_json

# RFC 8785, appendix B: the bits of a double and how it is written.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("bits", "written"), NUMBERS)
def test_numbers_are_written_as_the_published_vectors(bits: str, written: str) -> None:
    [number] = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == written.encode()


def test_members_are_in_the_order_of_their_utf_16_names() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\u0080", "\U0001f600", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names)))) == ordered


def test_letters_outside_ascii_stay_and_controls_are_escaped() -> None:
    assert canonical({"ē": 'Šķēle\n"\x0f"\x7f'}) == '{"ē":"Šķēle\\n\\"\\u000f\\"\x7f"}'.encode()


@given(JSON, st.booleans(), st.none() | st.integers(0, 3))
def test_every_spelling_of_a_value_has_one_canonical_form(value: object, escaped: bool, indent: int | None) -> None:
    spelled = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    assert canonical(strict_json(spelled)) == canonical(value)
    # a whole double above 2**53 is written without a point; as a double it is the same number
    assert json.loads(canonical(value), parse_int=float) == value

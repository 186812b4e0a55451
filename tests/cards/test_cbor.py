import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import cbor
from cards.errors import Malformed, Unencodable

LEAVES = st.one_of(
    st.integers(-(2**64), 2**64 - 1),
    st.binary(max_size=300),
    st.text(max_size=40),
    st.booleans(),
    st.none(),
)
KEYS = st.integers(-70_000, 70_000) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
).filter(lambda value: depth(value) <= cbor.MAX_DEPTH)


def depth(value) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_what_is_encoded_decodes_to_itself_and_to_what_cbor2_reads(value):
    encoded = cbor.encode(value)
    assert cbor.decode(encoded) == value
    assert cbor2.loads(encoded) == value


@given(LEAVES | st.lists(LEAVES))
def test_leaves_and_arrays_have_the_canonical_bytes_of_cbor2(value):
    assert cbor.encode(value) == cbor2.dumps(value, canonical=True)


@given(st.binary(max_size=40))
def test_any_bytes_are_either_refused_or_the_only_encoding_of_their_value(data):
    try:
        value = cbor.decode(data)
    except Malformed:
        return
    assert cbor.encode(value) == data


@given(VALUES, st.binary(min_size=1, max_size=3))
def test_trailing_bytes_are_refused(value, tail):
    with pytest.raises(Malformed):
        cbor.decode(cbor.encode(value) + tail)


@given(VALUES)
def test_every_shorter_piece_is_refused(value):
    encoded = cbor.encode(value)
    for end in range(min(len(encoded), 60)):
        with pytest.raises(Malformed):
            cbor.decode(encoded[:end])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "nothing"),
        ("1817", "23 in two bytes"),
        ("1900ff", "255 in three"),
        ("1a0000ffff", "65535 in five"),
        ("1b00000000ffffffff", "32 bits in nine"),
        ("3817", "-24 in two bytes"),
        ("580161", "byte string with a long head"),
        ("780161", "text with a long head"),
        ("980101", "array with a long head"),
        ("b8010101", "map with a long head"),
        ("5f4161ff", "indefinite bytes"),
        ("7f6161ff", "indefinite text"),
        ("9f01ff", "indefinite array"),
        ("bf0101ff", "indefinite map"),
        ("1c", "reserved length"),
        ("1f", "reserved length 31"),
        ("ff", "a break alone"),
        ("f7", "undefined"),
        ("f0", "simple value 16"),
        ("f818", "simple value 24"),
        ("f820", "simple value 32"),
        ("f93c00", "half float"),
        ("fa3f800000", "float"),
        ("fb3ff0000000000000", "double"),
        ("f97e00", "NaN"),
        ("c100", "tag 1"),
        ("c24100", "bignum"),
        ("c482201903e8", "decimal fraction"),
        ("d8236161", "regular expression"),
        ("a201010102", "repeated key"),
        ("a202010101", "unsorted keys"),
        ("a22001181802", "unsorted by bytes: -1 before 24"),
        ("a1f401", "false as a key"),
        ("a1f601", "null as a key"),
        ("a1410101", "bytes as a key"),
        ("a18001", "an array as a key"),
        ("61ff", "text that is not UTF-8"),
        ("63eda080", "a surrogate in text"),
        ("62c0af", "overlong UTF-8"),
        ("9bffffffffffffffff", "2^64 items, none there"),
        ("5bffffffffffffffff", "2^64 bytes, none there"),
        ("81" * 9 + "00", "nested too deep"),
        ("81" * 5000 + "00", "nested far too deep"),
    ],
)
def test_everything_outside_the_subset_is_refused(data, why):
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(data))


@pytest.mark.parametrize("value", [1.5, (1,), {1.0: 1}, {True: 1}, {b"k": 1}, 2**64, -(2**64) - 1, "\ud800", object()])
def test_a_value_outside_the_subset_is_not_encoded(value):
    with pytest.raises(Unencodable):
        cbor.encode(value)


def test_map_keys_are_sorted_by_their_bytes_not_by_length():
    assert cbor.encode({-1: 0, 24: 0, "a": 0}) == bytes.fromhex("a31818002000616100")

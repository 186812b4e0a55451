import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import base45
from cards.errors import Malformed


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_the_examples_of_rfc_9285_hold(data, text):
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=300))
def test_any_bytes_come_back(data):
    assert base45.decode(base45.encode(data)) == data


@given(st.text(alphabet=base45.ALPHABET, max_size=12))
def test_a_text_is_refused_or_the_only_one_of_its_bytes(text):
    try:
        data = base45.decode(text)
    except Malformed:
        return
    assert base45.encode(data) == text


def test_the_largest_groups_pass_and_the_next_are_refused():
    assert base45.decode("FGW") == b"\xff\xff"
    assert base45.decode("U5") == b"\xff"
    for text in ("GGW", ":::", "V5", "::", "FGWGGW", "BB8U6"):
        with pytest.raises(Malformed):
            base45.decode(text)


@pytest.mark.parametrize("text", ["A", "BB8A", "bb8", "BB8\n", "BB_", "ĀB8", "B\x008", "BB８"])
def test_a_lone_character_or_a_foreign_one_is_refused(text):
    with pytest.raises(Malformed):
        base45.decode(text)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.frames import answers_for, split, unwrap, wrap
from cards.desfire.status import Status
from cards.errors import CardsError, UnexpectedAnswer


def test_a_command_without_data_is_five_bytes():
    assert wrap(0x60).hex() == "9060000000"


def test_a_command_with_data_counts_it_and_ends_with_a_zero():
    assert wrap(0x5A, bytes.fromhex("d00af4")).hex() == "905a000003d00af400"


def test_an_answer_is_data_and_status():
    assert unwrap(bytes.fromhex("0102039100")) == (Status.OK, b"\x01\x02\x03")
    assert unwrap(bytes.fromhex("91ae")) == (Status.AUTHENTICATION_ERROR, b"")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("", "nothing"),
        ("91", "91"),
        ("00", "00"),
        ("9000", "9000"),
        ("6d00", "6d00"),
        ("0102036700", "6700"),
        ("0091", "0091"),
        ("9101", "9101"),
        ("1091ff", "91ff"),
    ],
)
def test_what_is_no_answer_of_this_family_is_refused_and_shown(answer, shown):
    with pytest.raises(UnexpectedAnswer) as refused:
        unwrap(bytes.fromhex(answer))
    assert refused.value.detail == shown


@given(st.binary(max_size=6) | st.binary(max_size=4).map(lambda head: head + b"\x91") | st.binary(max_size=300))
def test_any_answer_is_read_or_refused(answer):
    try:
        status, data = unwrap(answer)
    except CardsError:
        return
    assert data + bytes((0x91, status)) == answer


@given(st.binary(max_size=300))
def test_frames_hold_59_bytes_and_join_to_what_was_split(payload):
    first, *others = split(0x3D, payload)
    assert first[:4].hex() == "903d0000"
    assert all(other[:4].hex() == "90af0000" for other in others)
    pieces = [apdu[5:-1] for apdu in (first, *others)]
    assert b"".join(pieces) == payload
    assert all(len(piece) == 59 for piece in pieces[:-1])
    assert all(apdu[4] == len(piece) for apdu, piece in zip((first, *others), pieces, strict=True) if piece)
    assert len(pieces) == answers_for(len(payload))


@pytest.mark.parametrize(("size", "frames"), [(0, 1), (1, 1), (59, 1), (60, 2), (118, 2), (119, 3), (256, 5)])
def test_an_answer_takes_as_many_frames_as_it_fills(size, frames):
    assert answers_for(size) == frames

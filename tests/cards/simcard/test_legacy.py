import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.command import Mode
from cards.desfire.crypto import pad_zero, two_key_3des
from cards.errors import CardRefused
from cards.simcard.legacy import Legacy, crc16, received

KEY = two_key_3des(bytes(range(0, 64, 4)))


@pytest.mark.parametrize(("data", "crc"), [("0000", "a01e"), ("1234", "26cf"), ("", "6363")])
def test_the_examples_of_iso_14443_hold(data, crc):
    assert crc16(bytes.fromhex(data)).hex() == crc


def deciphered(data: bytes) -> bytes:
    """What a reader sends: the decipher operation in a chain."""
    sent, last = b"", KEY.zero
    for at in range(0, len(data), 8):
        block = bytes(a ^ b for a, b in zip(data[at : at + 8], last, strict=True))
        last = KEY.decrypt(KEY.zero, block)
        sent += last
    return sent


@given(st.binary(max_size=40))
def test_what_a_reader_deciphered_is_read_by_enciphering(data):
    padded = pad_zero(data, 8)
    assert received(KEY, deciphered(padded)) == padded


@given(st.binary(min_size=1, max_size=40))
def test_enciphered_data_is_taken_whole_and_never_changed(data):
    channel = Legacy(0, KEY)
    body = deciphered(pad_zero(data + crc16(data), 8))
    assert channel.room(len(data), Mode.FULL, 0) == len(body)
    assert channel.open(0x3D, b"", body, Mode.FULL, len(data))[: len(data)] == data
    with pytest.raises(CardRefused):
        channel.open(0x3D, b"", bytes((body[0] ^ 1,)) + body[1:], Mode.FULL, len(data))


@given(st.binary(min_size=1, max_size=40))
def test_a_mac_of_four_bytes_is_asked_for_and_given(data):
    channel = Legacy(0, KEY)
    sealed = channel.seal(data, Mode.MAC, marked=False)
    assert len(sealed) == len(data) + 4
    assert channel.open(0x3D, b"", sealed, Mode.MAC, len(data)) == data
    with pytest.raises(CardRefused):
        channel.open(0x3D, b"", sealed[:-1] + bytes((sealed[-1] ^ 1,)), Mode.MAC, len(data))

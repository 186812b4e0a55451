import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.command import Command, Mode
from cards.desfire.commands import AES_KEY, change_key, get_card_uid, get_key_version
from cards.desfire.crypto import aes, crc32, two_key_3des
from cards.desfire.ev1 import EV1Channel
from cards.desfire.session import Session
from cards.errors import MacMismatch

h = bytes.fromhex
SESSION = "f44b26f5c05ddd7110772281c4d066e8"
KEYS = st.binary(min_size=16, max_size=16)


def channel(key: str) -> EV1Channel:
    return EV1Channel(aes(h(key)), bytes(16))


def test_a_plain_command_moves_the_iv_and_its_answer_bears_a_mac():
    card = channel("90f7a20191036845ec63decd544b9931")
    assert card.seal(get_key_version(0)) == b"\0"
    assert card.iv.hex() == "257fc538618a944a3a20967b6f314348"
    assert card.unseal(get_key_version(0), h("108a8fa36f55cd210d")) == b"\x10"


def test_the_key_in_use_is_changed_as_on_a_real_card():
    card = channel(SESSION)
    command = change_key(Session(card, 0), 0, h("00102030405060708090a0b0b0a09080"), 0x10)
    sealed = card.seal(command)
    assert sealed.hex() == "00e9f85e219496c2b58c1090dc3935fae9e840cf61b383d9531946256b1f110c10"
    assert card.foretell(command) == b""
    assert card.unseal(command, b"") == b""


def test_another_key_travels_under_the_old_one_with_its_own_checksum():
    card, reading = channel(SESSION), aes(h(SESSION))
    new, old = h("00112233445566778899aabbccddeeff"), b"\x0f" * 16
    sealed = card.seal(change_key(Session(card, 0), 3, new, 7, old))
    mixed = bytes(a ^ b for a, b in zip(new, old, strict=True)) + b"\x07"
    wanted = mixed + crc32(b"\xc4\x03" + mixed) + crc32(new)
    assert reading.decrypt(bytes(16), sealed[1:]) == wanted + bytes(-len(wanted) % 16)


def test_the_master_key_of_a_card_becomes_aes_under_3des():
    cipher = two_key_3des(bytes(16))
    card = EV1Channel(cipher, cipher.zero)
    sealed = card.seal(change_key(Session(card, 0), 0 | AES_KEY, b"\x11" * 16, 1))
    wanted = b"\x11" * 16 + b"\x01" + crc32(b"\xc4\x80" + b"\x11" * 16 + b"\x01")
    assert sealed[0] == 0x80
    assert cipher.decrypt(cipher.zero, sealed[1:]) == wanted + bytes(3)


def test_the_uid_of_a_real_card_has_the_checksum_that_it_came_with():
    card = channel(SESSION)
    card.seal(get_card_uid())
    body = aes(h(SESSION)).encrypt(card.iv, h("04440f32763180" + "99ce1ad4") + bytes(5))
    assert card.unseal(get_card_uid(), body).hex() == "04440f32763180"
    assert card.iv == body[-16:]


@given(KEYS, st.binary(max_size=40), st.booleans())
def test_an_enciphered_answer_is_read_with_and_without_its_length(key, data, sized):
    # data and checksum may end with zeros, and with the mark of the other padding
    for tail in (b"", b"\0", b"\x80", b"\x80\0"):
        _reads(key, data + tail, sized)


def _reads(key: bytes, plain: bytes, sized: bool) -> None:
    card = EV1Channel(aes(key), bytes(16))
    command = Command(0xBD, back=Mode.FULL, length=len(plain) if sized else None)
    card.seal(command)
    padded = plain + crc32(plain + b"\0") + (b"" if sized else b"\x80")
    body = aes(key).encrypt(card.iv, padded + bytes(-len(padded) % 16))
    if sized:
        assert len(body) == card.size(len(plain), command)
    assert card.unseal(command, body) == plain


@pytest.mark.parametrize("mode", [Mode.USUAL, Mode.PLAIN, Mode.MAC])
@given(body=st.binary(max_size=48))
def test_no_answer_is_believed_without_the_key(mode, body):
    with pytest.raises(MacMismatch, match=r"\(MAC\)"):
        channel(SESSION).unseal(Command(0xBD, back=mode, length=None), body)


@pytest.mark.parametrize(("body", "detail"), [(b"", "length"), (bytes(15), "length"), (bytes(16), "CRC32")])
def test_what_an_enciphered_answer_lacks_is_said(body, detail):
    with pytest.raises(MacMismatch, match=rf"\({detail}\)"):
        channel(SESSION).unseal(Command(0xBD, back=Mode.FULL, length=4), body)


@pytest.mark.parametrize(
    ("mode", "sizes"), [(Mode.USUAL, [8, 9, 24]), (Mode.MAC, [8, 9, 24]), (Mode.FULL, [16, 16, 32])]
)
def test_the_size_of_an_answer_is_known_before_it_comes(mode, sizes):
    command = Command(0xBD, back=mode)
    assert [channel(SESSION).size(length, command) for length in (0, 1, 16)] == sizes


def test_a_copy_looks_ahead_and_leaves_the_session_where_it_is():
    card = channel(SESSION)
    ahead = card.copy()
    ahead.seal(Command(0xC7))
    assert ahead.iv != card.iv == bytes(16)


def test_what_is_foretold_is_what_a_genuine_answer_brings():
    card = channel(SESSION)
    card.seal(Command(0xC7))
    told = card.copy().foretell(Command(0xC7))
    assert len(told) == 8
    assert card.unseal(Command(0xC7), told) == b""

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.command import Command, Mode
from cards.desfire.commands import change_key, get_card_uid, get_file_settings, write_data
from cards.desfire.crypto import aes
from cards.desfire.ev2 import EV2Channel
from cards.desfire.session import Session
from cards.errors import MacMismatch

h = bytes.fromhex
ANY_KEY = "00" * 16
# two sessions of NXP AN12196: transaction identifier, encryption key, MAC key
FIRST = ("9d00c4df", "1309c877509e5a215007ff0ed19ca564", "4c6626f5e72ea694202139295c7a7fc7")
SECOND = ("7614281a", "4cf3cb41a22583a61e89b158d252fc53", "5529860b2fc5fb6154b7f28361d30bf9")
THIRD = ("7614281a", "7a93d6571e4b180fca6ac90c9a7488d4", "fc4af159b62e549b5812394cab1918cc")


def channel(session: tuple[str, str, str], counter: int = 0) -> EV2Channel:
    transaction, enc, mac = session
    return EV2Channel(aes(h(enc)), aes(h(mac)), h(transaction), counter)


def test_a_command_with_a_mac_is_the_one_of_an12196():
    card = channel(("7a21085e", ANY_KEY, "8248134a386e86eb7faf54a52e536cb6"))
    settings = "0040eeee000100d1fe001f00004400004400002000006a0000"
    command = get_file_settings(2)
    assert card.seal(command).hex() == "026597a457c8cd442c"
    assert card.unseal(command, h(settings + "2a474282e7a47986")).hex() == settings
    assert card.counter == 1


def test_enciphered_settings_are_those_of_an12196():
    card = channel(FIRST, 1)
    command = Command(0x5F, b"\x02", h("4000e0c1f121200000430000430000"), out=Mode.FULL)
    assert card.seal(command).hex() == "0261b6d97903566e84c3ae5274467e89ead799b7c1a0ef7a04"
    assert card.copy().foretell(command).hex() == "57bff87b1241e93d"
    assert card.unseal(command, h("57bff87b1241e93d")) == b""


def test_an_enciphered_write_is_the_one_of_an12196():
    card = channel(THIRD)
    sealed = card.seal(Command(0x8D, h("030000000a0000"), h("0102030405060708090a"), out=Mode.FULL))
    assert sealed.hex() == "030000000a00006b5e6804909962fc4e3ff5522cf0f8436c0c53315b9c73aa"


def test_a_whole_last_block_is_padded_by_one_more():
    url = b"https://choose.url.com/ntag424?e=00000000000000000000000000000000&c=0000000000000000"
    data = (h("0051d1014d5504") + url.removeprefix(b"https://")).ljust(128, b"\0")
    card = channel(FIRST)
    sealed = card.seal(Command(0x8D, h("02000000800000"), data, out=Mode.FULL))
    assert sealed[7:23].hex() == "421c73a27d827658af481fdff20a5025"
    assert sealed[-24:].hex() == "c3e4a3a7bbbef0fd971ff532c3a802af745660f2b4d1d9a8499661ebf3"[-48:]
    assert len(sealed) == 7 + 144 + 8


def test_plain_data_bears_no_mac_and_moves_the_counter():
    card = channel(SECOND, 1)
    command = write_data(1, 14, h("ff0506e10500808283000000000000000000"), Mode.PLAIN)
    assert card.seal(command).hex() == "010e0000120000ff0506e10500808283000000000000000000"
    assert card.copy().foretell(command) == b""
    assert card.unseal(command, b"") == b""
    assert card.counter == 2


def test_another_key_is_changed_as_in_an12196():
    card = channel(SECOND, 2)
    command = change_key(Session(card, 0), 2, h("f3847d627727ed3bc9c4cc050489b966"), 1, bytes(16))
    assert card.seal(command).hex() == (
        "022cf362b7bf4311ff3be1daa295e8c68de09050560d19b9e16c2393ae9cd1fac75d0ce20bcd1d06e6"
    )
    assert card.unseal(command, h("203bb55d1089d587")) == b""


def test_the_key_in_use_is_changed_as_in_an12196():
    card = channel(SECOND, 3)
    command = change_key(Session(card, 0), 0, h("5004bf991f408672b1ef00f08f9e8647"), 1)
    assert card.seal(command).hex() == (
        "00c0eb4deefeddf0b513a03a95a75491818580503190d4d05053ff75668a01d6fda6610234bded6432"
    )
    assert card.foretell(command) == b""
    assert card.copy().unseal(command, b"") == b""


def test_the_enciphered_uid_is_the_one_of_an12196():
    card = channel(("df055522", "2b4d963c014dc36f24f69a50a394f875", "379d32130ce61705dd5fd8c36b95d764"))
    assert card.seal(get_card_uid()).hex() == "8e2c155adda99be3"
    body = h("70756055688505b52a5e26e59e329cd6595f672298ea41b7")
    assert card.size(7, get_card_uid()) == len(body)
    assert card.unseal(get_card_uid(), body).hex() == "04958caa5c5e80"


@pytest.mark.parametrize("mode", [Mode.USUAL, Mode.MAC, Mode.FULL])
@given(body=st.binary(max_size=48))
def test_no_answer_is_believed_without_the_key(mode, body):
    with pytest.raises(MacMismatch, match=r"\(MAC\)"):
        channel(FIRST).unseal(Command(0xBD, back=mode, length=None), body)


@pytest.mark.parametrize(
    ("mode", "sizes"),
    [(Mode.PLAIN, [0, 15, 16]), (Mode.MAC, [8, 23, 24]), (Mode.USUAL, [8, 23, 24]), (Mode.FULL, [24, 24, 40])],
)
def test_the_size_of_an_answer_is_known_before_it_comes(mode, sizes):
    command = Command(0xBD, back=mode)
    assert [channel(FIRST).size(length, command) for length in (0, 15, 16)] == sizes


@pytest.mark.parametrize("data", [b"", b"\x01" * 15])
def test_an_enciphered_answer_that_is_no_whole_blocks_is_refused_even_with_a_good_mac(data):
    keyed = CMAC(AES128(h(FIRST[2])))
    keyed.update(h("00" + "0100" + FIRST[0]) + data)
    with pytest.raises(MacMismatch, match=r"\(length\)"):
        channel(FIRST).unseal(Command(0xBD, back=Mode.FULL, length=None), data + keyed.finalize()[1::2])

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire import crypto
from cards.errors import MacMismatch

h = bytes.fromhex
KEYS = st.binary(min_size=16, max_size=16)


def test_cmac_of_nothing_is_the_one_of_sp_800_38b():
    cipher = crypto.aes(h("2b7e151628aed2a6abf7158809cf4f3c"))
    assert crypto.cmac(cipher, b"").hex() == "bb1d6929e95937287fa37d129b756746"


def test_cmac_of_one_block_is_the_one_of_sp_800_38b():
    cipher = crypto.aes(h("2b7e151628aed2a6abf7158809cf4f3c"))
    assert crypto.cmac(cipher, h("6bc1bee22e409f96e93d7e117393172a")).hex() == "070a16b46b4d4144f79bdd9dd04a287c"


def test_cmac_diversifies_a_key_as_in_an10922():
    cipher = crypto.aes(h("00112233445566778899aabbccddeeff"))
    diversified = crypto.cmac(cipher, h("0104782e21801d803042f54e585020416275"))
    assert diversified.hex() == "a8dd63a3b89d54b37ca802473fda9175"


@given(KEYS, st.binary(max_size=70))
def test_cmac_is_the_one_of_another_implementation_for_both_ciphers(key, message):
    for cipher, algorithm in ((crypto.aes(key), AES128(key)), (crypto.two_key_3des(key), TripleDES(key + key[:8]))):
        other = CMAC(algorithm)
        other.update(message)
        assert crypto.cmac(cipher, message) == other.finalize()


@given(KEYS, st.integers(0, 4), st.binary(min_size=1, max_size=50))
def test_cmac_goes_on_where_a_chained_message_stopped(key, blocks, rest):
    cipher = crypto.aes(key)
    head = bytes(range(16)) * blocks
    iv = cipher.encrypt(cipher.zero, head)[-16:] or cipher.zero
    assert crypto.cmac(cipher, rest, iv) == crypto.cmac(cipher, head + rest)


def test_crc32_is_the_one_of_a_real_card_uid():
    assert crypto.crc32(h("04440f3276318000")).hex() == "99ce1ad4"


def test_crc32_is_the_one_of_a_key_in_an12196():
    assert crypto.crc32(h("f3847d627727ed3bc9c4cc050489b966")).hex() == "789dfadc"


@given(st.binary(max_size=40), st.sampled_from([8, 16]))
def test_marked_padding_fills_blocks_and_comes_off_again(data, block):
    padded = crypto.pad_marked(data, block)
    assert len(padded) % block == 0
    assert 0 < len(padded) - len(data) <= block
    assert crypto.unpad_marked(padded) == data


@given(st.binary(max_size=40), st.sampled_from([8, 16]))
def test_zero_padding_adds_nothing_to_whole_blocks(data, block):
    padded = crypto.pad_zero(data, block)
    assert len(padded) % block == 0
    assert padded.startswith(data)
    assert padded[len(data) :] == bytes(-len(data) % block)


@pytest.mark.parametrize("data", [b"", bytes(16), b"\x01" + bytes(15), b"\x80X"])
def test_padding_without_its_mark_is_refused(data):
    with pytest.raises(MacMismatch, match=r"\(padding\)"):
        crypto.unpad_marked(data)


@given(KEYS, KEYS.map(lambda iv: iv[:16]), st.integers(0, 5))
def test_what_is_enciphered_is_deciphered_again(key, iv, blocks):
    data = bytes(range(16)) * blocks
    for cipher in (crypto.aes(key), crypto.two_key_3des(key)):
        start = iv[: cipher.block]
        assert cipher.decrypt(start, cipher.encrypt(start, data)) == data


def test_strings_of_two_lengths_are_not_combined():
    with pytest.raises(ValueError):
        crypto.xor(b"\x01\x02", b"\x01")


def test_rotate_turns_left_by_one_byte():
    assert crypto.rotate(b"\x01\x02\x03") == b"\x02\x03\x01"


def test_the_aes_session_key_is_the_one_of_a_real_card():
    a, b = h("f44b26f5686f3a391cd38ebd10772281"), h("c05ddd714fd788a6b7b754f3c4d066e8")
    assert crypto.session_key_aes(a, b).hex() == "f44b26f5c05ddd7110772281c4d066e8"


def test_the_3des_session_key_takes_four_quarters():
    a, b = h("a0a1a2a3a4a5a6a7"), h("b0b1b2b3b4b5b6b7")
    assert crypto.session_key_3des(bytes(8) + b"\x02" * 8, a, b).hex() == "a0a1a2a3b0b1b2b3a4a5a6a7b4b5b6b7"


@pytest.mark.parametrize("key", [bytes(16), b"\x07" * 16])
def test_a_3des_key_of_equal_halves_makes_a_des_session(key):
    a, b = h("a0a1a2a3a4a5a6a7"), h("b0b1b2b3b4b5b6b7")
    assert crypto.session_key_3des(key, a, b).hex() == "a0a1a2a3b0b1b2b3" * 2


def test_halves_that_differ_in_a_parity_bit_only_are_two():
    a, b = h("a0a1a2a3a4a5a6a7"), h("b0b1b2b3b4b5b6b7")
    assert crypto.session_key_3des(bytes(15) + b"\x01", a, b).hex() == "a0a1a2a3b0b1b2b3a4a5a6a7b4b5b6b7"


def test_the_ev2_session_keys_are_those_of_an12343():
    enc, mac = crypto.ev2_keys(bytes(16), h("b04d0787c93ee0cc8cacc8e86f16c6fe"), h("fa659ad0dca738dd65dc7dc38612ad81"))
    assert enc.hex() == "63dc07286289a7a6c0334ca31c314a04"
    assert mac.hex() == "774f26743ece6af5033b6ae8522946f6"


def test_the_ev2_iv_and_mac_are_those_of_an12196():
    enc, mac = crypto.aes(h("4cf3cb41a22583a61e89b158d252fc53")), crypto.aes(h("5529860b2fc5fb6154b7f28361d30bf9"))
    assert crypto.ev2_iv(enc, True, h("7614281a"), 3).hex() == "01602d579423b2797be8b478b0b4d27b"
    message = h("c403007614281a00c0eb4deefeddf0b513a03a95a75491818580503190d4d05053ff75668a01d6fd")
    assert crypto.ev2_mac(mac, message).hex() == "a6610234bded6432"


def test_an_ev2_answer_has_an_iv_of_its_own():
    enc = crypto.aes(bytes(16))
    assert crypto.ev2_iv(enc, False, bytes(4), 1) == enc.encrypt(bytes(16), h("5aa5000000000100") + bytes(8))

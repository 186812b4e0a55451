import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from cards.errors import Unencodable
from cards.keys.diversify import check_value, diversify, diversify_raw

MASTER = bytes.fromhex("00112233445566778899aabbccddeeff")


def test_the_example_of_an10922_holds():
    message = bytes.fromhex("04782e21801d803042f54e585020416275")
    assert diversify_raw(MASTER, message).hex() == "a8dd63a3b89d54b37ca802473fda9175"


def test_the_parts_stand_in_their_order():
    uid, aid, system = bytes.fromhex("04782e21801d80"), bytes.fromhex("d00af4"), b"AMIS\0\0\0\1"
    cmac = CMAC(AES128(MASTER))
    cmac.update(b"\x01" + uid + aid + b"\x02\x03" + system)
    assert diversify(MASTER, uid, aid, 2, 3, system) == cmac.finalize()


@pytest.mark.parametrize(
    ("master", "uid", "aid", "slot", "version", "system"),
    [
        (bytes(15), bytes(7), bytes(3), 1, 1, bytes(8)),
        (bytes(16), bytes(4), bytes(3), 1, 1, bytes(8)),
        (bytes(16), bytes(7), bytes(2), 1, 1, bytes(8)),
        (bytes(16), bytes(7), bytes(3), 256, 1, bytes(8)),
        (bytes(16), bytes(7), bytes(3), 1, -1, bytes(8)),
        (bytes(16), bytes(7), bytes(3), 1, 1, bytes(9)),
    ],
)
def test_input_of_another_size_is_refused(master, uid, aid, slot, version, system):
    with pytest.raises(Unencodable):
        diversify(master, uid, aid, slot, version, system)


@pytest.mark.parametrize("size", [15, 32])
def test_messages_whose_padding_would_differ_are_refused(size):
    with pytest.raises(Unencodable):
        diversify_raw(MASTER, bytes(size))


def test_a_check_value_begins_the_cmac_of_a_block_of_zeros():
    cmac = CMAC(AES128(MASTER))
    cmac.update(bytes(16))
    assert check_value(MASTER) == cmac.finalize().hex()[:6]

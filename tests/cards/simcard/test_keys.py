import pytest

from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.keys import ZERO_DES, ChipKey, Kind, kind_of

A, B = bytes(range(16)), bytes(range(100, 116))


@pytest.mark.parametrize(
    ("key", "version"),
    [
        (ChipKey(Kind.DES, b"App.B Master Key"), 0x83),
        (ChipKey(Kind.DES, b"Card Master Key!"), 0xC7),
        (ChipKey(Kind.DES, b"ABCDEFGH" * 2), 0xAA),
        (ChipKey(Kind.AES, bytes(16), 0x42), 0x42),
        (ChipKey(Kind.TRIPLE, bytes.fromhex("00010001000100010000000000000000" + "00" * 8)), 0x55),
        (ZERO_DES, 0),
    ],
)
def test_the_version_is_in_the_parity_of_a_des_key_and_beside_an_aes_key(key, version):
    assert key.version == version


def test_each_kind_of_key_mixes_the_random_numbers_in_its_way():
    assert ZERO_DES.session_key(A[:8], B[:8]) == (A[:4] + B[:4]) * 2
    assert ChipKey(Kind.DES, A).session_key(A[:8], B[:8]) == A[:4] + B[:4] + A[4:8] + B[4:8]
    assert ChipKey(Kind.AES, A).session_key(A, B) == A[:4] + B[:4] + A[12:] + B[12:]
    assert ChipKey(Kind.TRIPLE, A + A[:8]).session_key(A, B) == A[:4] + B[:4] + A[6:10] + B[6:10] + A[12:] + B[12:]


def test_equal_halves_are_des_only_with_the_same_parity():
    other = ChipKey(Kind.DES, bytes(8) + b"\1" * 8)
    assert other.session_key(A[:8], B[:8]) != ZERO_DES.session_key(A[:8], B[:8])


def test_no_kind_has_both_bits():
    assert [kind_of(bits | 5) for bits in (0x00, 0x40, 0x80)] == list(Kind)
    with pytest.raises(CardRefused) as refused:
        kind_of(0xC0)
    assert refused.value.status is Status.PARAMETER_ERROR

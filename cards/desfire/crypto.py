"""What both ends of a DESFire session compute: the ciphers, CMAC with a running IV, checksums, padding, session keys.

Sources: NIST SP 800-38B (CMAC), NXP AN12343 and AN12196 (EV2 session keys and MACs).
"""

import zlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Keyed
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from cards.errors import MacMismatch

# the constants that complete a doubled subkey (SP 800-38B section 5.3), by block size in bytes
_REDUCERS = {8: 0x1B, 16: 0x87}
_EV2_ENC, _EV2_MAC = b"\xa5\x5a\x00\x01\x00\x80", b"\x5a\xa5\x00\x01\x00\x80"


class Cipher:
    """One key in CBC mode, without padding; `block` is the size of a block in bytes."""

    def __init__(self, algorithm: AES128 | TripleDES) -> None:
        self._algorithm = algorithm
        self.block = algorithm.block_size // 8
        self.zero = bytes(self.block)
        self.subkeys = self._subkeys()

    def encrypt(self, iv: bytes, data: bytes) -> bytes:
        """`data`, whole blocks, under CBC from `iv`."""
        encryptor = Keyed(self._algorithm, CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt(self, iv: bytes, data: bytes) -> bytes:
        """What `data`, whole blocks, was before CBC from `iv`."""
        decryptor = Keyed(self._algorithm, CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def _subkeys(self) -> tuple[bytes, bytes]:
        first = self._doubled(self.encrypt(self.zero, self.zero))
        return first, self._doubled(first)

    def _doubled(self, value: bytes) -> bytes:
        number = int.from_bytes(value) << 1
        if number >> 8 * self.block:
            number ^= 1 << 8 * self.block | _REDUCERS[self.block]
        return number.to_bytes(self.block)


def aes(key: bytes) -> Cipher:
    """AES-128 with the 16-byte `key`."""
    return Cipher(AES128(key))


def two_key_3des(key: bytes) -> Cipher:
    """2K3DES with the 16-byte `key`; the same half twice is single DES."""
    return three_key_3des(key + key[:8])


def three_key_3des(key: bytes) -> Cipher:
    """3K3DES with the 24-byte `key`."""
    return Cipher(TripleDES(key))


def cmac(cipher: Cipher, message: bytes, iv: bytes | None = None) -> bytes:
    """The CMAC of `message` chained from `iv` (zero when None): one whole block, which is the session's next IV."""
    whole, rest = divmod(len(message), cipher.block)
    if message and not rest:
        head, last = message[: -cipher.block], xor(message[-cipher.block :], cipher.subkeys[0])
    else:
        head, last = message[: whole * cipher.block], message[whole * cipher.block :]
        last = xor(pad_marked(last, cipher.block), cipher.subkeys[1])
    return cipher.encrypt(iv or cipher.zero, head + last)[-cipher.block :]


def xor(left: bytes, right: bytes) -> bytes:
    """Bytewise exclusive or of two equally long strings."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def crc32(data: bytes) -> bytes:
    """The chip's CRC32 (no final inversion), 4 bytes, least significant first."""
    return (zlib.crc32(data) ^ 0xFFFFFFFF).to_bytes(4, "little")


def pad_zero(data: bytes, block: int) -> bytes:
    """`data` and as many zeros as complete its last block."""
    return data + bytes(-len(data) % block)


def pad_marked(data: bytes, block: int) -> bytes:
    """`data`, 80 and zeros up to a whole block; at least the mark is added."""
    return pad_zero(data + b"\x80", block)


def unpad_marked(data: bytes) -> bytes:
    """What `pad_marked` padded; MacMismatch when there is no mark."""
    found = data.rstrip(b"\0")
    if not found.endswith(b"\x80"):
        raise MacMismatch("padding")
    return found[:-1]


def rotate(data: bytes) -> bytes:
    """`data` turned left by one byte."""
    return data[1:] + data[:1]


def session_key_aes(a: bytes, b: bytes) -> bytes:
    """The session key after `AA` from the reader's RndA and the card's RndB, 16 bytes each."""
    return a[:4] + b[:4] + a[12:] + b[12:]


def session_key_3des(key: bytes, a: bytes, b: bytes) -> bytes:
    """The session key after `1A` from 8-byte randoms; a `key` of two equal halves is DES, whose session is DES too."""
    if key[:8] == key[8:]:
        return (a[:4] + b[:4]) * 2
    return a[:4] + b[:4] + a[4:] + b[4:]


def ev2_keys(key: bytes, a: bytes, b: bytes) -> tuple[bytes, bytes]:
    """The encryption key and the MAC key after `71`."""
    context = a[:2] + xor(a[2:8], b[:6]) + b[6:] + a[8:]
    long_term = aes(key)
    return cmac(long_term, _EV2_ENC + context), cmac(long_term, _EV2_MAC + context)


def ev2_mac(mac_key: Cipher, message: bytes) -> bytes:
    """The 8 bytes of an EV2 MAC: every second one of the CMAC."""
    return cmac(mac_key, message)[1::2]


def ev2_iv(enc_key: Cipher, outwards: bool, transaction: bytes, counter: int) -> bytes:
    """The IV of one enciphered EV2 message: `outwards` from reader to card; `counter` as it is when that is sent."""
    label = b"\xa5\x5a" if outwards else b"\x5a\xa5"
    return enc_key.encrypt(enc_key.zero, label + transaction + counter.to_bytes(2, "little") + bytes(8))

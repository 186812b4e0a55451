"""The card's end of a session after `0A`, as the first DESFire had it: DES, MACs of four bytes, a 16-bit checksum.

Every message begins with a zero IV, and the reader always deciphers: the card enciphers in order to read.
"""

from dataclasses import dataclass
from hmac import compare_digest

from cards.desfire.command import Mode
from cards.desfire.crypto import Cipher, pad_marked, pad_zero, xor
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.channels import whole_blocks

_MAC = 4
_CRC = 2


@dataclass(slots=True)
class Legacy:
    """After `0A`: only the content of files is protected; a refusal does not end the session."""

    key_number: int | None
    cipher: Cipher

    def room(self, length: int, mode: Mode, tail: int) -> int:
        if mode is Mode.FULL:
            size = length + _CRC + (_CRC if tail else 0)
            return -(-size // self.cipher.block) * self.cipher.block
        return length + _MAC if mode is Mode.MAC else length

    def open(self, code: int, header: bytes, body: bytes, mode: Mode, length: int | None) -> bytes:
        if mode is Mode.FULL:
            return self._deciphered(body, length)
        if mode is not Mode.MAC:
            return body
        if not compare_digest(self._mac(body[:-_MAC]), body[-_MAC:]):
            raise CardRefused(Status.INTEGRITY_ERROR)
        return body[:-_MAC]

    def _mac(self, data: bytes) -> bytes:
        return self.cipher.encrypt(self.cipher.zero, pad_zero(data, self.cipher.block))[-self.cipher.block :][:_MAC]

    def _deciphered(self, body: bytes, length: int | None) -> bytes:
        plain = received(self.cipher, whole_blocks(body, self.cipher.block))
        size = plain[0] if length is None else length
        data, crc, rest = plain[:size], plain[size : size + _CRC], plain[size + _CRC :]
        if crc16(data) != crc:
            raise CardRefused(Status.INTEGRITY_ERROR)
        return data + rest

    def seal(self, data: bytes, mode: Mode, marked: bool) -> bytes:
        if mode is Mode.FULL:
            pad = pad_marked if marked else pad_zero
            return self.cipher.encrypt(self.cipher.zero, pad(data + crc16(data), self.cipher.block))
        return data + self._mac(data) if mode is Mode.MAC and data else data

    def checksum(self, data: bytes) -> bytes:
        return crc16(data)


def received(cipher: Cipher, body: bytes) -> bytes:
    """What a reader deciphered in order to send it, block after block."""
    blocks = [body[at : at + cipher.block] for at in range(0, len(body), cipher.block)]
    before = [cipher.zero, *blocks]
    return b"".join(xor(cipher.encrypt(cipher.zero, block), last) for block, last in zip(blocks, before, strict=False))


def crc16(data: bytes) -> bytes:
    """CRC_A of ISO/IEC 14443-3, 2 bytes, least significant first."""
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = (crc >> 8) ^ (byte << 8) ^ (byte << 3) ^ (byte >> 4)
    return crc.to_bytes(2, "little")

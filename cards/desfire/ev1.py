"""Secure messaging of DESFire EV1: one key, and one IV that every message of the session moves on."""

from dataclasses import dataclass, replace
from hmac import compare_digest

from cards.desfire.command import Command, Mode
from cards.desfire.crypto import Cipher, cmac, crc32, pad_zero, unpad_marked
from cards.errors import MacMismatch

_SUCCESS = b"\0"
_CRC = 4
_MAC = 8


@dataclass(slots=True)
class EV1Channel:
    """The state of a session after `AA` (AES) or `1A` (3DES); `iv` is zero at its start."""

    cipher: Cipher
    iv: bytes

    def copy(self) -> "EV1Channel":
        return replace(self)

    def seal(self, command: Command) -> bytes:
        message = bytes((command.code,)) + command.header + command.data
        if command.out is Mode.FULL:
            return command.header + self._enciphered(command.data + crc32(message) + command.tail)
        self.iv = cmac(self.cipher, message, self.iv)
        payload = command.header + command.data
        return payload + self.iv[:_MAC] if command.out is Mode.MAC else payload

    def _enciphered(self, plain: bytes) -> bytes:
        sealed = self.cipher.encrypt(self.iv, pad_zero(plain, self.cipher.block))
        self.iv = sealed[-self.cipher.block :]
        return sealed

    def foretell(self, command: Command) -> bytes:
        return b"" if command.ends else self._mac(b"")

    def _mac(self, data: bytes) -> bytes:
        self.iv = cmac(self.cipher, data + _SUCCESS, self.iv)
        return self.iv[:_MAC]

    def size(self, length: int, command: Command) -> int:
        if command.back is not Mode.FULL:
            return length + _MAC
        return -(-(length + _CRC) // self.cipher.block) * self.cipher.block

    def unseal(self, command: Command, body: bytes) -> bytes:
        if command.ends:
            return body
        if command.back is Mode.FULL:
            return self._deciphered(body, command.length)
        data, mac = body[:-_MAC], body[-_MAC:]
        if not compare_digest(self._mac(data), mac):
            raise MacMismatch("MAC")
        return data

    def _deciphered(self, body: bytes, length: int | None) -> bytes:
        if not body or len(body) % self.cipher.block:
            raise MacMismatch("length")
        plain = self.cipher.decrypt(self.iv, body)
        self.iv = body[-self.cipher.block :]
        # an answer whose length was asked for is padded with zeros, which data and checksum may end with as well
        whole = unpad_marked(plain) if length is None else plain[: length + _CRC]
        data, crc = whole[:-_CRC], whole[-_CRC:]
        if crc32(data + _SUCCESS) != crc:
            raise MacMismatch("CRC32")
        return data

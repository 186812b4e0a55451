"""How the card reads what a reader sends and protects what it answers, in each kind of session.

Reader and card compute the same and never at the same end: what one enciphers, the other deciphers.
"""

from dataclasses import dataclass
from hmac import compare_digest
from typing import ClassVar, Protocol

from cards.desfire.command import Mode
from cards.desfire.crypto import Cipher, cmac, crc32, pad_marked, pad_zero
from cards.desfire.status import Status
from cards.errors import CardRefused

MAC = 8
"""Bytes of a MAC in sessions of EV1 and EV2."""
_SUCCESS = b"\0"


class Channel(Protocol):
    """One state of authentication; `key_number` None: there is none."""

    @property
    def key_number(self) -> int | None: ...

    def room(self, length: int, mode: Mode, tail: int) -> int:
        """How many bytes `length` bytes of data take on their way to the card; `tail`: ChangeKey's second checksum."""

    def open(self, code: int, header: bytes, body: bytes, mode: Mode, length: int | None) -> bytes:
        """The data in `body`, and whatever follows it there; INTEGRITY_ERROR when it is not what the reader meant.

        `length` None: all of it, or in an enciphered body without a known size as much as its first byte says.
        """

    def seal(self, data: bytes, mode: Mode, marked: bool) -> bytes:
        """`data` as a successful answer; `marked`: the reader did not ask for a length."""

    def checksum(self, data: bytes) -> bytes:
        """What follows a key that takes another's place."""


class Open:
    """No authentication."""

    key_number: ClassVar[int | None] = None

    def room(self, length: int, mode: Mode, tail: int) -> int:
        return length

    def open(self, code: int, header: bytes, body: bytes, mode: Mode, length: int | None) -> bytes:
        if mode is Mode.FULL:
            raise CardRefused(Status.AUTHENTICATION_ERROR)
        return body

    def seal(self, data: bytes, mode: Mode, marked: bool) -> bytes:
        return data

    def checksum(self, data: bytes) -> bytes:
        return b""


@dataclass(slots=True)
class EV1:
    """After `1A` or `AA`: one IV runs through all messages of the session."""

    key_number: int | None
    cipher: Cipher
    iv: bytes

    def room(self, length: int, mode: Mode, tail: int) -> int:
        if mode is Mode.FULL:
            return -(-(length + 4 + tail) // self.cipher.block) * self.cipher.block
        return length + MAC if mode is Mode.MAC else length

    def open(self, code: int, header: bytes, body: bytes, mode: Mode, length: int | None) -> bytes:
        head = bytes((code,)) + header
        if mode is Mode.FULL:
            return self._deciphered(head, body, length)
        data, mac = (body[:-MAC], body[-MAC:]) if mode is Mode.MAC else (body, b"")
        self.iv = cmac(self.cipher, head + data, self.iv)
        if mac and not compare_digest(mac, self.iv[:MAC]):
            raise CardRefused(Status.INTEGRITY_ERROR)
        return data

    def _deciphered(self, head: bytes, body: bytes, length: int | None) -> bytes:
        plain = self.cipher.decrypt(self.iv, whole_blocks(body, self.cipher.block))
        self.iv = body[-self.cipher.block :]
        size = plain[0] if length is None else length
        data, crc, rest = plain[:size], plain[size : size + 4], plain[size + 4 :]
        if crc32(head + data) != crc:
            raise CardRefused(Status.INTEGRITY_ERROR)
        return data + rest

    def seal(self, data: bytes, mode: Mode, marked: bool) -> bytes:
        if mode is not Mode.FULL:
            self.iv = cmac(self.cipher, data + _SUCCESS, self.iv)
            return data + self.iv[:MAC]
        pad = pad_marked if marked else pad_zero
        sealed = self.cipher.encrypt(self.iv, pad(data + crc32(data + _SUCCESS), self.cipher.block))
        self.iv = sealed[-self.cipher.block :]
        return sealed

    def checksum(self, data: bytes) -> bytes:
        return crc32(data)


def whole_blocks(body: bytes, block: int) -> bytes:
    """`body`; LENGTH_ERROR unless it is whole blocks."""
    if not body or len(body) % block:
        raise CardRefused(Status.LENGTH_ERROR)
    return body

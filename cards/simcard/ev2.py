"""The card's end of an EV2 session: two keys, a transaction identifier and a counter of commands."""

from dataclasses import dataclass
from hmac import compare_digest

from cards.desfire.command import Mode
from cards.desfire.crypto import Cipher, crc32, ev2_iv, ev2_mac, pad_marked
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.channels import MAC, whole_blocks


@dataclass(slots=True)
class EV2:
    """After `71`; `counter` counts the commands that were answered."""

    key_number: int | None
    enc: Cipher
    mac: Cipher
    transaction: bytes
    counter: int = 0

    def room(self, length: int, mode: Mode, tail: int) -> int:
        if mode is Mode.PLAIN:
            return length
        if mode is Mode.FULL:
            return ((length + tail) // self.enc.block + 1) * self.enc.block + MAC
        return length + MAC

    def open(self, code: int, header: bytes, body: bytes, mode: Mode, length: int | None) -> bytes:
        if mode is Mode.PLAIN:
            return body
        data, mac = body[:-MAC], body[-MAC:]
        if not compare_digest(self._mac(code, header + data), mac):
            raise CardRefused(Status.INTEGRITY_ERROR)
        return self._deciphered(data) if mode is Mode.FULL else data

    def _mac(self, code: int, data: bytes) -> bytes:
        return ev2_mac(self.mac, bytes((code,)) + self.counter.to_bytes(2, "little") + self.transaction + data)

    def _iv(self, towards_card: bool) -> bytes:
        return ev2_iv(self.enc, towards_card, self.transaction, self.counter)

    def _deciphered(self, data: bytes) -> bytes:
        plain = self.enc.decrypt(self._iv(True), whole_blocks(data, self.enc.block)).rstrip(b"\0")
        if not plain.endswith(b"\x80"):
            raise CardRefused(Status.INTEGRITY_ERROR)
        return plain[:-1]

    def seal(self, data: bytes, mode: Mode, marked: bool) -> bytes:
        self.counter += 1
        if mode is Mode.PLAIN:
            return data
        if mode is Mode.FULL:
            data = self.enc.encrypt(self._iv(False), pad_marked(data, self.enc.block))
        return data + self._mac(0, data)

    def checksum(self, data: bytes) -> bytes:
        return crc32(data)

"""Secure messaging of DESFire EV2: two session keys, a transaction identifier and a command counter.

Source: NXP AN12343 and AN12196; a message depends on the counter alone, never on an earlier answer.
"""

from dataclasses import dataclass, replace
from hmac import compare_digest

from cards.desfire.command import Command, Mode
from cards.desfire.crypto import Cipher, ev2_iv, ev2_mac, pad_marked, unpad_marked
from cards.errors import MacMismatch

_SUCCESS = 0
_MAC = 8


@dataclass(slots=True)
class EV2Channel:
    """The state of a session after `71`: keys, the 4-byte transaction identifier, the commands answered so far."""

    enc: Cipher
    mac: Cipher
    transaction: bytes
    counter: int = 0

    def copy(self) -> "EV2Channel":
        return replace(self)

    def seal(self, command: Command) -> bytes:
        if command.out is Mode.PLAIN:
            return command.header + command.data
        data = command.data
        if command.out is Mode.FULL:
            data = self.enc.encrypt(self._iv(True), pad_marked(data + command.tail, self.enc.block))
        payload = command.header + data
        return payload + self._mac(command.code, payload)

    def _iv(self, outwards: bool) -> bytes:
        return ev2_iv(self.enc, outwards, self.transaction, self.counter)

    def _mac(self, code: int, data: bytes) -> bytes:
        return ev2_mac(self.mac, bytes((code,)) + self.counter.to_bytes(2, "little") + self.transaction + data)

    def foretell(self, command: Command) -> bytes:
        self.counter += 1
        return b"" if command.ends or command.back is Mode.PLAIN else self._mac(_SUCCESS, b"")

    def size(self, length: int, command: Command) -> int:
        if command.back is Mode.PLAIN:
            return length
        return _MAC + (length // self.enc.block + 1) * self.enc.block if command.back is Mode.FULL else _MAC + length

    def unseal(self, command: Command, body: bytes) -> bytes:
        self.counter += 1
        if command.ends or command.back is Mode.PLAIN:
            return body
        data, mac = body[:-_MAC], body[-_MAC:]
        if not compare_digest(self._mac(_SUCCESS, data), mac):
            raise MacMismatch("MAC")
        return self._deciphered(data) if command.back is Mode.FULL else data

    def _deciphered(self, data: bytes) -> bytes:
        if not data or len(data) % self.enc.block:
            raise MacMismatch("length")
        return unpad_marked(self.enc.decrypt(self._iv(False), data))

"""The keys on a chip: three kinds, each with its version and the ways to authenticate with it."""

from dataclasses import dataclass
from enum import IntEnum

from cards.desfire.crypto import Cipher, aes, session_key_3des, session_key_aes, three_key_3des, two_key_3des
from cards.desfire.status import Status
from cards.errors import CardRefused


class Kind(IntEnum):
    """The kind of a key: the upper two bits of the byte that counts an application's keys."""

    DES = 0x00
    """DES or 2K3DES: equal halves, parity included, are DES."""
    TRIPLE = 0x40
    """3K3DES."""
    AES = 0x80

    @property
    def size(self) -> int:
        """Bytes in a key."""
        return 24 if self is Kind.TRIPLE else 16

    @property
    def challenge(self) -> int:
        """Bytes in each side's random number."""
        return 8 if self is Kind.DES else 16


@dataclass(frozen=True, slots=True)
class ChipKey:
    """One key; the version of a DES key lies in the lowest bits of its first eight bytes."""

    kind: Kind
    value: bytes
    aes_version: int = 0

    @property
    def version(self) -> int:
        """What GetKeyVersion tells."""
        if self.kind is Kind.AES:
            return self.aes_version
        return sum((byte & 1) << 7 - place for place, byte in enumerate(self.value[:8]))

    def cipher(self) -> Cipher:
        """The key at work."""
        return cipher(self.kind, self.value)

    def session_key(self, a: bytes, b: bytes) -> bytes:
        """The key that `0A`, `1A` and `AA` agree on, from the reader's and the card's random numbers."""
        if self.kind is Kind.AES:
            return session_key_aes(a, b)
        if self.kind is Kind.TRIPLE:
            return a[:4] + b[:4] + a[6:10] + b[6:10] + a[12:] + b[12:]
        return session_key_3des(self.value, a, b)


def cipher(kind: Kind, value: bytes) -> Cipher:
    """A cipher of `kind` under the key `value`."""
    make = {Kind.DES: two_key_3des, Kind.TRIPLE: three_key_3des, Kind.AES: aes}[kind]
    return make(value)


def kind_of(settings: int) -> Kind:
    """The kind in the upper bits of `settings`; PARAMETER_ERROR for none."""
    try:
        return Kind(settings & 0xC0)
    except ValueError:
        raise CardRefused(Status.PARAMETER_ERROR) from None


ZERO_DES = ChipKey(Kind.DES, bytes(16))
"""The key that a chip leaves the factory with."""

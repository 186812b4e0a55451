"""How wrapped bytes look: a form and the version of the key, the nonce, AES-256-GCM ciphertext and tag."""

from typing import NamedTuple

from cards.errors import UnwrapFailed

NONCE, TAG = 12, 16
_FORM = b"\x01"
_HEAD = 3


class Wrapping(NamedTuple):
    """One wrapping: the key's version, the nonce (12 bytes), and ciphertext with tag."""

    version: int
    nonce: bytes
    box: bytes = b""

    @classmethod
    def read(cls, blob: bytes) -> "Wrapping":
        """The parts of a blob; UnwrapFailed for another form."""
        if blob[:1] != _FORM or len(blob) < _HEAD + NONCE + TAG:
            raise UnwrapFailed("form")
        return cls(int.from_bytes(blob[1:_HEAD]), blob[_HEAD : _HEAD + NONCE], blob[_HEAD + NONCE :])

    @property
    def blob(self) -> bytes:
        """The whole."""
        return self._head + self.nonce + self.box

    def bound(self, name: str, aad: bytes) -> bytes:
        """The additional data: the wrapping's own head, its key's name, and the caller's place."""
        return self._head + bytes((len(name),)) + name.encode() + aad

    @property
    def _head(self) -> bytes:
        return _FORM + self.version.to_bytes(2)

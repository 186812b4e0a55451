"""Which generation of chip a virtual card is, and what GetVersion says of it."""

from enum import Enum

_NXP, _DESFIRE, _SUBTYPE, _ISO_14443 = 0x04, 0x01, 0x01, 0x05
_BATCH, _WEEK_AND_YEAR = bytes.fromhex("ba34500440"), bytes.fromhex("2422")
FRAMES = (7, 7)
"""The sizes of the first frames of GetVersion; UID and production follow in the last."""


class Version(Enum):
    """Hardware and software of the chip, each as major and minor number."""

    EV1 = (0x01, 0x00), (0x01, 0x04)
    EV2 = (0x12, 0x00), (0x02, 0x01)

    def describe(self, storage: int, uid: bytes) -> bytes:
        """The answer to GetVersion for a chip of `storage` bytes, a power of two."""
        size = (storage.bit_length() - 1) << 1
        parts = (bytes((_NXP, _DESFIRE, _SUBTYPE, *numbers, size, _ISO_14443)) for numbers in self.value)
        return b"".join(parts) + uid + _BATCH + _WEEK_AND_YEAR

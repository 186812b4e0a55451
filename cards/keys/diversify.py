"""Keys of a single chip from a master key (NXP AN10922, AES-128)."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from cards.errors import Unencodable

_AES128_CONSTANT = b"\x01"
_SHORTEST, _LONGEST = 16, 31


def diversify(master: bytes, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
    """The 16-byte key of one slot of one chip.

    `uid` 7 bytes, `aid` the application in wire order (3), `slot` and key-set `version` 0..255, `system` 8 bytes.
    """
    if (len(master), len(uid), len(aid), len(system)) != (16, 7, 3, 8) or not (
        0 <= slot <= 255 and 0 <= version <= 255
    ):
        raise Unencodable("diversification input")
    return diversify_raw(master, uid + aid + bytes((slot, version)) + system)


def diversify_raw(master: bytes, message: bytes) -> bytes:
    """CMAC(master, 01 || message) for 16 to 31 bytes of message, where AN10922's own padding equals plain CMAC's."""
    if not _SHORTEST <= len(message) <= _LONGEST:
        raise Unencodable("diversification input of 16 to 31 bytes")
    cmac = CMAC(AES128(master))
    cmac.update(_AES128_CONSTANT + message)
    return cmac.finalize()

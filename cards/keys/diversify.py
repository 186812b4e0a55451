"""Keys of a single chip from a master key (NXP AN10922, AES-128)."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from cards.errors import Unencodable

_AES128_CONSTANT = b"\x01"
CHECKED, CHECK_VALUE = bytes(16), 3
"""The message of a check value, and how many bytes of its CMAC are shown (ANSI X9.24-1, annex A)."""
_SHORTEST, _LONGEST = 16, 31


def diversify(master: bytes, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
    """The 16-byte key of one slot of one chip.

    `uid` 7 bytes, `aid` the application in wire order (3), `slot` and key-set `version` 0..255, `system` 8 bytes.
    """
    if len(master) != 16:
        raise Unencodable("a master has 16 bytes")
    return diversify_raw(master, place_of(uid, aid, slot, version, system))


def place_of(uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
    """The 21 bytes that name one slot of one chip; Unencodable for any other size."""
    if (len(uid), len(aid), len(system)) != (7, 3, 8) or not (0 <= slot <= 255 and 0 <= version <= 255):
        raise Unencodable("diversification input")
    return uid + aid + bytes((slot, version)) + system


def diversify_raw(master: bytes, message: bytes) -> bytes:
    """CMAC(master, 01 || message) for 16 to 31 bytes of message, where AN10922's own padding equals plain CMAC's."""
    return _cmac(master, diversified(message))


def diversified(message: bytes) -> bytes:
    """What the master's CMAC is taken over."""
    if not _SHORTEST <= len(message) <= _LONGEST:
        raise Unencodable("diversification input of 16 to 31 bytes")
    return _AES128_CONSTANT + message


def check_value(master: bytes) -> str:
    """The check value of a 16-byte master, in hex."""
    return _cmac(master, CHECKED)[:CHECK_VALUE].hex()


def _cmac(key: bytes, message: bytes) -> bytes:
    cmac = CMAC(AES128(key))
    cmac.update(message)
    return cmac.finalize()

"""Base45: bytes as the 45 characters that QR codes store in 5.5 bits each (RFC 9285)."""

from struct import unpack

from cards.errors import Malformed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_FOREIGN = 255
_VALUE = bytes(ALPHABET.find(chr(c)) if 0 < c < 128 and chr(c) in ALPHABET else _FOREIGN for c in range(256))
_PAIR = [low + high for high in ALPHABET for low in ALPHABET]


def encode(data: bytes) -> str:
    """Three characters for two bytes, two for a last odd one."""
    words = unpack(f">{len(data) // 2}H", data[: len(data) & ~1])
    text = "".join([_PAIR[word % 2025] + ALPHABET[word // 2025] for word in words])
    return text + _PAIR[data[-1]] if len(data) & 1 else text


def decode(text: str) -> bytes:
    """The bytes of `text`; Malformed for a foreign character, a lone last one, or a group above 65535 (255)."""
    try:
        values = text.encode("ascii").translate(_VALUE)
    except UnicodeEncodeError:
        raise Malformed("base45: foreign character") from None
    if _FOREIGN in values:
        raise Malformed("base45: foreign character")
    whole = len(values) - len(values) % 3
    return _words(values[:whole]) + _tail(values[whole:])


def _words(values: bytes) -> bytes:
    """Every group of three at once: a + 45 b + 2025 c in lanes of 24 bits of one large integer."""
    lanes = _lanes(values[0::3]) + 45 * _lanes(values[1::3]) + 2025 * _lanes(values[2::3])
    groups = lanes.to_bytes(len(values))
    if groups[0::3].strip(b"\0"):
        raise Malformed("base45: group too large")
    data = bytearray(len(groups) // 3 * 2)
    data[0::2], data[1::2] = groups[1::3], groups[2::3]
    return bytes(data)


def _lanes(digits: bytes) -> int:
    spread = bytearray(3 * len(digits))
    spread[2::3] = digits
    return int.from_bytes(spread)


def _tail(values: bytes) -> bytes:
    if not values:
        return b""
    if len(values) == 1 or values[0] + 45 * values[1] > 255:
        raise Malformed("base45: incomplete or too large last group")
    return bytes((values[0] + 45 * values[1],))

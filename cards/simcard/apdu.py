"""Command APDUs and status words as the card sees them (ISO/IEC 7816-4)."""

from cards.desfire.status import Status
from cards.errors import CardRefused

DONE = b"\x90\x00"
WRONG_LENGTH = b"\x67\x00"
NO_SUCH_FILE = b"\x6a\x82"
WRONG_PARAMETERS = b"\x6a\x86"
NO_SUCH_FUNCTION = b"\x6d\x00"
NO_SUCH_CLASS = b"\x6e\x00"
_LARGEST_FRAME = 60


def native(apdu: bytes) -> tuple[int, bytes]:
    """Code and data of `90 CMD 00 00 [Lc data] 00`; LENGTH_ERROR for any other form or an overlong frame."""
    head, rest = apdu[:4], apdu[4:]
    data = rest[1:-1]
    if len(rest) > 1 and (len(data) != rest[0] or not data):
        raise CardRefused(Status.LENGTH_ERROR)
    if head[2:] != b"\0\0" or rest[-1:] != b"\0" or len(data) >= _LARGEST_FRAME:
        raise CardRefused(Status.LENGTH_ERROR)
    return head[1], data

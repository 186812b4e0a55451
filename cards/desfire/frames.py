"""Native commands inside ISO 7816-4 APDUs: `90 CMD 00 00 [Lc data] 00` there, `[data] 91 ST` back.

A frame carries at most 59 bytes; more go and come by ADDITIONAL FRAME (`AF`) on both ways.
"""

from cards.desfire.status import Status
from cards.errors import UnexpectedAnswer

LARGEST = 59
"""Bytes of data in one frame."""
MORE = 0xAF
"""The command that sends or fetches the next frame."""
DONE = b"\x91\x00"
"""The status word of a command that succeeded."""
GO_ON = b"\x91\xaf"
"""The status word that asks for, or announces, the next frame."""


def wrap(code: int, data: bytes = b"") -> bytes:
    """The APDU of one frame; `data` at most 59 bytes."""
    head = bytes((0x90, code, 0, 0))
    return head + bytes((len(data),)) + data + b"\0" if data else head + b"\0"


def unwrap(response: bytes) -> tuple[Status, bytes]:
    """Status and data of one answer; UnexpectedAnswer when it is not one that this family of chips gives."""
    if len(response) < 2 or response[-2] != 0x91:
        raise UnexpectedAnswer(response[-2:].hex() or "nothing")
    try:
        return Status(response[-1]), response[:-2]
    except ValueError:
        raise UnexpectedAnswer(response[-2:].hex()) from None


def split(code: int, payload: bytes) -> list[bytes]:
    """The APDUs that carry `payload`: the command, then as many additional frames as it takes."""
    pieces = [payload[at : at + LARGEST] for at in range(0, len(payload), LARGEST)] or [b""]
    return [wrap(code, pieces[0]), *(wrap(MORE, piece) for piece in pieces[1:])]


def answers_for(size: int) -> int:
    """How many frames an answer of `size` bytes takes; an empty one takes one."""
    return max(1, -(-size // LARGEST))

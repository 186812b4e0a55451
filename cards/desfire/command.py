"""One native command, as it is before a session protects it."""

from dataclasses import dataclass
from enum import Enum

CHANGE_KEY = 0xC4


class Mode(Enum):
    """How data travels between reader and card."""

    USUAL = "usual"
    """As the session treats a command that is about no file's data: checked where the session can check it."""
    PLAIN = 0x00
    """Data of a file in plain communication, or that the free access condition alone lets through."""
    MAC = 0x01
    """Data followed by its MAC."""
    FULL = 0x03
    """Data enciphered and checked."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what is expected back.

    `header` always goes in clear, `data` by the mode `out`; `tail` is plaintext that the checksum of an enciphered
    command leaves out (ChangeKey). `length` is the size in bytes of the plain answer, which comes by the mode `back`;
    None: as much as there is. A command that `ends` the session is answered without a MAC.
    """

    code: int
    header: bytes = b""
    data: bytes = b""
    out: Mode = Mode.USUAL
    back: Mode = Mode.USUAL
    length: int | None = 0
    tail: bytes = b""
    ends: bool = False

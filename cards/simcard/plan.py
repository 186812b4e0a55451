"""What a command looks like on the wire: which of its bytes are data, and how data travels to and fro."""

from dataclasses import dataclass

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.chip import Chip


@dataclass(frozen=True, slots=True)
class Plan:
    """One command, as far as its first frame shows.

    `header` bytes go in clear; `length` bytes of data follow by the mode `out` (None: as many as came), in a ChangeKey
    with a `tail`. The answer comes by the mode `back`, `marked` where no length was asked for; `cuts` are the sizes of
    its first frames where they are not full.
    """

    header: int = 0
    length: int | None = None
    out: Mode = Mode.USUAL
    back: Mode = Mode.USUAL
    tail: int = 0
    marked: bool = False
    cuts: tuple[int, ...] = ()


def usual(chip: Chip, payload: bytes) -> Plan:
    """All parameters as the session treats what is about no file's data."""
    return Plan()


def enough(payload: bytes, size: int) -> bytes:
    """`payload`; LENGTH_ERROR for less than `size` bytes."""
    if len(payload) < size:
        raise CardRefused(Status.LENGTH_ERROR)
    return payload


def sized(data: bytes, *sizes: int) -> bytes:
    """`data`; LENGTH_ERROR for any other than `sizes` bytes."""
    if len(data) not in sizes:
        raise CardRefused(Status.LENGTH_ERROR)
    return data


def number(data: bytes) -> int:
    """A number without sign, least significant byte first."""
    return int.from_bytes(data, "little")

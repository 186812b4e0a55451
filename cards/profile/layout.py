"""AMIS-DF1 on the chip: the application, its keys, and its six files.

Access rights are four nibbles, read, write, read and write, change: a key number, E free, F never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from cards.desfire.command import Mode

AID = bytes.fromhex("d00af4")
"""The application F40AD0 as it goes over the wire: least significant byte first."""
PICC_LEVEL = bytes(3)
"""The application number of the chip itself."""
PICC_SETTINGS = 0x0B
"""Of the chip: the master key and these settings can change, listing is free, applications need the master key."""
APPLICATION_SETTINGS = 0x0B
"""KS1: as those of the chip, and key 0 changes all keys."""
APPLICATION_KEYS = 0x86
"""KS2: six AES keys."""
ISSUER, READ, USE, UPDATE, HOLDER, SPARE = range(6)
"""The slots of the application's keys."""
SLOTS = range(6)
FACTORY = 0
"""The version of a key that nobody has changed; its value is zero. Key sets are numbered from 1."""
ZERO_KEY = bytes(16)
STORAGE = 2048
"""Bytes of the smallest chip that is taken; the application itself needs `FOOTPRINT`."""
HIGHEST_QUOTA = 100_000


class Kind(Enum):
    """How a file keeps its content."""

    STANDARD = auto()
    BACKUP = auto()
    VALUE = auto()
    CYCLIC = auto()


@dataclass(frozen=True, slots=True)
class File:
    """One file; `mode` for keys with a right to it, `size` in bytes, of one record where it is cyclic."""

    number: int
    kind: Kind
    mode: Mode
    rights: int
    size: int = 0
    records: int = 0


HEADER_FILE = File(1, Kind.STANDARD, Mode.MAC, 0xE330, 32)
CREDENTIAL_FILE = File(2, Kind.BACKUP, Mode.MAC, 0xE330, 256)
HOLDER_FILE = File(3, Kind.STANDARD, Mode.FULL, 0x4330, 64)
ENTITLEMENT_FILE = File(4, Kind.BACKUP, Mode.FULL, 0x1330, 96)
QUOTA_FILE = File(5, Kind.VALUE, Mode.MAC, 0x2230)
LOG_FILE = File(6, Kind.CYCLIC, Mode.MAC, 0x1230, 32, 11)
FILES: Mapping[int, File] = MappingProxyType(
    {file.number: file for file in (HEADER_FILE, CREDENTIAL_FILE, HOLDER_FILE, ENTITLEMENT_FILE, QUOTA_FILE, LOG_FILE)}
)
FOOTPRINT = 1536
"""Bytes that a chip must have free: the files in blocks of 32, backup files twice, the application and its keys."""

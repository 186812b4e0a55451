"""The files of an application as the chip keeps them: values that are never changed, only replaced.

A change under a transaction is a *draft* beside the file; what a file holds is seen until the draft is committed.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.access import Access

BLOCK = 32
"""Bytes in one block of the chip's memory."""


@dataclass(frozen=True, slots=True)
class _DataFile:
    """Bytes with a size that never changes."""

    access: Access
    data: bytes
    iso_id: int | None = None

    @property
    def extent(self) -> int:
        """How far a write may reach."""
        return len(self.data)

    def details(self) -> bytes:
        """The end of GetFileSettings."""
        return le(len(self.data), 3)


@dataclass(frozen=True, slots=True)
class StandardFile(_DataFile):
    """Bytes that a write changes at once."""

    kind: ClassVar[int] = 0x00

    @property
    def room(self) -> int:
        """The bytes of memory it takes."""
        return _blocks(len(self.data))

    def written(self, offset: int, data: bytes) -> "StandardFile":
        """The file with `data` at `offset`."""
        return replace(self, data=spliced(self.data, offset, data))


@dataclass(frozen=True, slots=True)
class BackupFile(_DataFile):
    """Bytes that a commit changes."""

    kind: ClassVar[int] = 0x01

    @property
    def room(self) -> int:
        """The bytes of memory it takes: both images."""
        return 2 * _blocks(len(self.data))


@dataclass(frozen=True, slots=True)
class ValueFile:
    """A counter within limits; `refund` is what a limited credit may still give back."""

    kind: ClassVar[int] = 0x02
    access: Access
    lower: int
    upper: int
    value: int
    refund: int
    flags: int
    iso_id: None = None

    @property
    def room(self) -> int:
        """The bytes of memory it takes."""
        return BLOCK

    def details(self) -> bytes:
        """The end of GetFileSettings."""
        return le(self.lower, 4) + le(self.upper, 4) + le(self.refund, 4) + bytes((self.flags,))


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Records, the newest first. A cyclic file has `limit` places, of which one is the draft's."""

    access: Access
    size: int
    limit: int
    cyclic: bool
    records: tuple[bytes, ...] = ()
    iso_id: int | None = None

    @property
    def kind(self) -> int:
        """The type byte: linear or cyclic."""
        return 0x04 if self.cyclic else 0x03

    @property
    def room(self) -> int:
        """The bytes of memory it takes."""
        return _blocks(self.size * self.limit)

    @property
    def extent(self) -> int:
        """How far a write may reach: to the end of a record."""
        return self.size

    @property
    def full(self) -> bool:
        """Whether there is no place for one more record."""
        return not self.cyclic and len(self.records) >= self.limit

    def details(self) -> bytes:
        """The end of GetFileSettings."""
        return le(self.size, 3) + le(self.limit, 3) + le(len(self.records), 3)

    def appended(self, record: bytes) -> "RecordFile":
        """The file with one more record; the oldest of a full cycle falls out."""
        records = (record, *self.records)
        return replace(self, records=records[: self.limit - 1] if self.cyclic else records)

    def read(self, offset: int, count: int) -> bytes:
        """`count` records (0: all) that end `offset` before the newest, in the order they were written."""
        count = count or len(self.records) - offset
        if count < 1 or offset + count > len(self.records):
            raise CardRefused(Status.BOUNDARY_ERROR)
        return b"".join(reversed(self.records[offset : offset + count]))


File: TypeAlias = StandardFile | BackupFile | ValueFile | RecordFile


def read_bytes(data: bytes, offset: int, length: int) -> bytes:
    """`length` bytes (0: all that follow) from `offset`; BOUNDARY_ERROR beyond the end."""
    length = length or len(data) - offset
    if length < 1 or offset + length > len(data):
        raise CardRefused(Status.BOUNDARY_ERROR)
    return data[offset : offset + length]


def spliced(old: bytes, offset: int, data: bytes) -> bytes:
    """`old` with `data` at `offset`, where there is room for it."""
    return old[:offset] + data + old[offset + len(data) :]


def le(number: int, size: int) -> bytes:
    """`number`, signed when it has four bytes, least significant byte first."""
    return number.to_bytes(size, "little", signed=size == 4)


def _blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK

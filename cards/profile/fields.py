"""What the records of the card are made of: days, checksums, and the refusal of anything that is not one of ours."""

import zlib
from datetime import date

from cards.errors import RecordDamaged, Unencodable

CHECKSUM = 4
U8, U16, U32 = (1 << 8) - 1, (1 << 16) - 1, (1 << 32) - 1
"""The largest integers of one, two and four bytes."""
_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal() - _EPOCH


def day_number(day: date) -> int:
    """Days since 1 January 1970; Unencodable before it."""
    number = day.toordinal() - _EPOCH
    if number < 0:
        raise Unencodable(f"{day}: before 1970")
    return number


def day_of(number: int) -> date:
    """The day that `day_number` wrote; RecordDamaged for one beyond the calendar."""
    if number > _LAST:
        raise RecordDamaged("day")
    return date.fromordinal(_EPOCH + number)


def within(name: str, value: int, most: int) -> int:
    """`value`, when it is one of 0..most; else Unencodable."""
    if not 0 <= value <= most:
        raise Unencodable(f"{name}: {value} is not within 0..{most}")
    return value


def sized(name: str, value: bytes, size: int) -> bytes:
    """`value`, when it has `size` bytes; else Unencodable."""
    if len(value) != size:
        raise Unencodable(f"{name}: {size} bytes expected")
    return value


def sealed(body: bytes) -> bytes:
    """`body` and its CRC32 (ISO 3309, as in zlib), least significant byte first."""
    return body + zlib.crc32(body).to_bytes(CHECKSUM, "little")


def opened(name: str, record: bytes, size: int) -> bytes:
    """The body of a record of `size` bytes that `sealed` made; RecordDamaged for anything else."""
    body = record[:-CHECKSUM]
    if len(record) != size or sealed(body) != record:
        raise RecordDamaged(name)
    return body

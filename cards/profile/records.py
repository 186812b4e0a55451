"""Files 03 and 04, the holder and the entitlements. Integers are least significant byte first, periods half-open."""

import struct
from dataclasses import dataclass
from datetime import date

from cards.errors import RecordDamaged, Unencodable
from cards.profile.fields import U16, day_number, day_of, opened, sealed, sized, within
from cards.profile.layout import HOLDER_FILE

ENTITLEMENTS = 6
ENTITLEMENT_SIZE = 16
PHOTO_ID, ONLINE, COMPANION = 1, 2, 4
"""Flags of an entitlement: look at the photo, ask the service, a companion rides along."""
_HOLDER = struct.Struct("<16sHB32s9s")
_ENTITLEMENT = struct.Struct("<HHBBHII")


@dataclass(frozen=True, slots=True)
class HolderFile:
    """File 03: who may be holding the card, without a name and without a personal code."""

    pseudonym: bytes
    """16 bytes that mean nothing outside the issuing municipality."""
    birth_year: int
    companion: bool
    photo: bytes
    """SHA-256 of the photo; zeros where there is none."""

    def encode(self) -> bytes:
        """64 bytes; Unencodable when a value does not fit."""
        pseudonym, photo = sized("pseudonym", self.pseudonym, 16), sized("photo hash", self.photo, 32)
        year = within("birth year", self.birth_year, U16)
        return sealed(_HOLDER.pack(pseudonym, year, self.companion, photo, bytes(9)))

    @classmethod
    def decode(cls, record: bytes) -> "HolderFile":
        """The holder in 64 bytes; RecordDamaged for anything that `encode` does not write."""
        pseudonym, year, flags, photo, rest = _HOLDER.unpack(opened("holder", record, HOLDER_FILE.size))
        if flags > 1 or any(rest):
            raise RecordDamaged("holder")
        return cls(pseudonym, year, bool(flags), photo)


@dataclass(frozen=True, slots=True)
class EntitlementRecord:
    """One of the six records of file 04: a concession by its public code, in whole per cent."""

    concession: int
    operators: int
    """The group of operators where it holds; 0 for all."""
    discount: int
    area: int
    """The area where it holds; 0 for everywhere."""
    valid_from: date
    valid_to: date
    flags: int = 0

    def encode(self) -> bytes:
        """16 bytes; Unencodable when a value does not fit."""
        if self.valid_from >= self.valid_to:
            raise Unencodable("entitlement: no day of validity")
        return _ENTITLEMENT.pack(
            within("concession", self.concession, U16),
            within("operators", self.operators, U16),
            within("discount", self.discount, 100),
            within("flags", self.flags, PHOTO_ID | ONLINE | COMPANION),
            within("area", self.area, U16),
            day_number(self.valid_from),
            day_number(self.valid_to),
        )

    @classmethod
    def decode(cls, record: bytes) -> "EntitlementRecord":
        """The entitlement in 16 bytes; RecordDamaged for anything that `encode` does not write."""
        if len(record) != ENTITLEMENT_SIZE:
            raise RecordDamaged("entitlement")
        concession, operators, discount, flags, area, start, end = _ENTITLEMENT.unpack(record)
        if discount > 100 or flags > (PHOTO_ID | ONLINE | COMPANION) or start >= end:
            raise RecordDamaged("entitlement")
        return cls(concession, operators, discount, area, day_of(start), day_of(end), flags)


def encode_entitlements(records: tuple[EntitlementRecord, ...]) -> bytes:
    """File 04, 96 bytes: the records in order and zeros; Unencodable for more than six."""
    if len(records) > ENTITLEMENTS:
        raise Unencodable(f"entitlements: {len(records)} of at most {ENTITLEMENTS}")
    return b"".join(record.encode() for record in records).ljust(ENTITLEMENTS * ENTITLEMENT_SIZE, b"\0")


def decode_entitlements(content: bytes) -> tuple[EntitlementRecord, ...]:
    """The records of file 04; RecordDamaged for another size, or a record behind an empty one."""
    if len(content) != ENTITLEMENTS * ENTITLEMENT_SIZE:
        raise RecordDamaged("entitlements")
    starts = range(0, len(content.rstrip(b"\0")), ENTITLEMENT_SIZE)
    return tuple(EntitlementRecord.decode(content[at : at + ENTITLEMENT_SIZE]) for at in starts)

"""File 01, the header of a card: whose it is and how long it holds. Integers are least significant byte first."""

import struct
from dataclasses import dataclass
from datetime import date

from cards.errors import RecordDamaged, Unencodable
from cards.number import ALPHABET
from cards.profile.fields import U8, U32, day_number, day_of, opened, sealed, within
from cards.profile.layout import HEADER_FILE

MAGIC = b"AM"
LAYOUT = 1
NUMBER_CHARACTERS = 12
"""Leading characters of a reference number that the header holds: 60 of its 75 random bits fit into 8 bytes."""
_HEADER = struct.Struct("<2sBBI8sIII")


@dataclass(frozen=True, slots=True)
class Header:
    """Written last: while it does not stand, the card is unfinished. Anyone may read it. The period is half-open."""

    keyset: int
    issuer: int
    number: str
    """The first 12 characters of the card's reference number."""
    valid_from: date
    valid_to: date
    generation: int

    def encode(self) -> bytes:
        """32 bytes; Unencodable when a value does not fit."""
        if self.valid_from >= self.valid_to:
            raise Unencodable("header: no day of validity")
        body = _HEADER.pack(
            MAGIC,
            LAYOUT,
            within("keyset", self.keyset, U8),
            within("issuer", self.issuer, U32),
            _number_bytes(self.number),
            day_number(self.valid_from),
            day_number(self.valid_to),
            within("generation", self.generation, U32),
        )
        return sealed(body)

    @classmethod
    def decode(cls, record: bytes) -> "Header":
        """The header in 32 bytes; RecordDamaged for anything that `encode` does not write."""
        body = opened("header", record, HEADER_FILE.size)
        magic, layout, keyset, issuer, number, start, end, generation = _HEADER.unpack(body)
        if (magic, layout) != (MAGIC, LAYOUT) or start >= end:
            raise RecordDamaged("header")
        return cls(keyset, issuer, _number_text(number), day_of(start), day_of(end), generation)

    def names(self, number: str) -> bool:
        """Whether this is the header of the card with the reference number `number` (16 characters)."""
        return number[:NUMBER_CHARACTERS] == self.number


def _number_bytes(number: str) -> bytes:
    if len(number) != NUMBER_CHARACTERS or any(character not in ALPHABET for character in number):
        raise Unencodable(f"number: its first {NUMBER_CHARACTERS} characters expected")
    value = 0
    for character in number:
        value = value * len(ALPHABET) + ALPHABET.index(character)
    return value.to_bytes(8, "little")


def _number_text(data: bytes) -> str:
    value, text = int.from_bytes(data, "little"), ""
    for _ in range(NUMBER_CHARACTERS):
        value, last = divmod(value, len(ALPHABET))
        text = ALPHABET[last] + text
    if value:
        raise RecordDamaged("number")
    return text

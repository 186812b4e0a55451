"""All that one card is to carry."""

from dataclasses import dataclass
from datetime import date

from cards import cose
from cards.errors import Malformed, Unencodable
from cards.profile.fields import within
from cards.profile.header import NUMBER_CHARACTERS, Header
from cards.profile.layout import CREDENTIAL_FILE, HIGHEST_QUOTA
from cards.profile.records import EntitlementRecord, HolderFile, encode_entitlements


@dataclass(frozen=True, slots=True)
class CardContent:
    """What personalising writes: from the register's side, before there are keys.

    `issuer` is the number of the municipality, `number` the card's reference number (16 characters), `credential` a
    profile C credential minted for the chip's UID (at most 256 bytes), `quota` 0..100000. The card holds from
    `valid_from` up to the day before `valid_to`.
    """

    issuer: int
    number: str
    valid_from: date
    valid_to: date
    generation: int
    credential: bytes
    holder: HolderFile
    entitlements: tuple[EntitlementRecord, ...]
    quota: int

    def header(self, keyset: int) -> Header:
        """File 01 of this card under the keys of `keyset`."""
        number = self.number[:NUMBER_CHARACTERS]
        return Header(keyset, self.issuer, number, self.valid_from, self.valid_to, self.generation)


@dataclass(frozen=True, slots=True)
class Image:
    """The content as the bytes of its files; made before the card is touched, so that nothing unwritable begins."""

    header: bytes
    credential: bytes
    holder: bytes
    entitlements: bytes
    quota: int

    @classmethod
    def of(cls, content: CardContent, keyset: int) -> "Image":
        """The files of `content`; Unencodable when something does not fit."""
        if not content.credential or len(content.credential) > CREDENTIAL_FILE.size:
            raise Unencodable(f"credential: {len(content.credential)} bytes")
        return cls(
            content.header(keyset).encode(),
            content.credential.ljust(CREDENTIAL_FILE.size, b"\0"),
            content.holder.encode(),
            encode_entitlements(content.entitlements),
            within("quota", content.quota, HIGHEST_QUOTA),
        )


def stored_credential(content: bytes) -> bytes:
    """What file 02 holds, without the padding; the signature at its end may end in zeros itself."""
    try:
        return content[: cose.length(content)]
    except Malformed:
        return content.rstrip(b"\0")

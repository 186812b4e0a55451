"""What is printed on a card; `cards.artwork_face` draws it, and only that needs the PDF library."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, repr=False)
class Face:
    """The visible side of a card: `photo` is a JPEG of 35 x 45, `number` the card's 16-character reference.

    `name` is printed as it stands; no personal code and no reason for a concession is ever on a card.
    """

    name: str
    number: str
    municipality: str
    valid_until: date
    issued_on: date
    photo: bytes | None = None
    language: str = "lv"


@dataclass(frozen=True, slots=True)
class FaceWords:
    """One language of the face."""

    title: str
    number: str
    valid: str


FACE_WORDS: Mapping[str, FaceWords] = {
    "lv": FaceWords("Atvieglojumu karte", "Kartes numurs", "Derīga līdz"),
    "en": FaceWords("Concession card", "Card number", "Valid until"),
}

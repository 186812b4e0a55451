"""What a letter without a token says; `cards.artwork_notice` draws it, and only that needs the PDF library."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class NoticeLetter:
    """A letter of one language: who gets it where, who writes, and what. A paragraph may hold line breaks."""

    recipient: str
    address: tuple[str, ...]
    municipality: str
    title: str
    paragraphs: tuple[str, ...]
    day: date
    language: str

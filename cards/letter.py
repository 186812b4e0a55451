"""What a letter says; `cards.artwork` draws it, and only that needs the PDF library."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Access:
    """The one-time code by which the holder takes the letter's right onto a phone: where to type it, and until when."""

    code: str
    address: str
    until: date


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says. `number` is a 16-character reference; `language` comes first.

    `qr_text` is the credential that it carries; None: a card goes with it. `access`: the code for a phone, if any.
    """

    recipient: str
    address: tuple[str, ...]
    municipality: str
    contact: str
    number: str
    qr_text: str | None
    concessions: tuple[str, ...]
    valid_until: date
    issued_on: date
    language: str = "lv"
    access: Access | None = None

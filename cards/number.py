"""Reference numbers of tokens (prefix AM0): unguessable, typed by hand, looked up online only.

15 random characters of Crockford's base32 and one check character, ISO 7064 MOD 37,36. A number whose check character
would be I, L, O or U is never given out: so these four can always be read as the digits that they look like.
"""

import secrets

from cards.errors import Malformed

PREFIX = "AM0:"
LENGTH = 16
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHANUMERIC)}
_LOOKALIKES = str.maketrans("OIL", "011", " -\u00a0")


def new_number() -> str:
    """A new reference number: 16 characters, the last a check character; just under 75 random bits."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
        if (check := check_character(body)) in ALPHABET:
            return body + check


def check_character(body: str) -> str:
    """The character that completes `body` (ISO 7064 MOD 37,36, hybrid system)."""
    product = 36
    for character in body:
        total = (product + _VALUES[character]) % 36 or 36
        product = total * 2 % 37
    return _ALPHANUMERIC[(37 - product) % 36]


def parse_number(text: str) -> str:
    """The 16 characters of a number as scanned, read out or typed: any case, blanks, hyphens, with or without prefix.

    Malformed for another length, a foreign character or a wrong check character.
    """
    plain = text.strip().upper().removeprefix(PREFIX).translate(_LOOKALIKES)
    if len(plain) != LENGTH or any(character not in ALPHABET for character in plain):
        raise Malformed("number: sixteen characters expected")
    if check_character(plain[:-1]) != plain[-1]:
        raise Malformed("number: mistyped")
    return plain


def number_text(number: str) -> str:
    """What a QR code carries for `number`."""
    return PREFIX + number


def readable_number(number: str) -> str:
    """`number` in groups of four, to be read by people."""
    return " ".join(number[at : at + 4] for at in range(0, LENGTH, 4))

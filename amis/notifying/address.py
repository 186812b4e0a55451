"""Addresses of persons as they are typed, brought into one form: e-mail, phone, post. Pure."""

import re

from amis.notifying.errors import AddressInvalid, EmailInvalid, PhoneInvalid

LONGEST_EMAIL = 254
"""Characters of an address in a path (RFC 5321 section 4.5.3.1.3, without the angle brackets)."""
MOST_LINES, LONGEST_LINE = 5, 60
# dot-atom of RFC 5322 section 3.2.3 and host names of RFC 1123: nothing that would have to be quoted in a header
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_LONGEST_LOCAL = 64
# E.164: at most fifteen digits with the country code
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_LATVIAN = re.compile(r"[26][0-9]{7}")
_FILLING = re.compile(r"[ ()./-]")


def email(text: str) -> str:
    """An e-mail address of ASCII characters; the domain in lower case. Empty stays empty.

    Raises:
        EmailInvalid
    """
    typed = text.strip(" ")
    if not typed:
        return ""
    local, _, domain = typed.rpartition("@")
    if not _EMAIL.fullmatch(typed) or len(typed) > LONGEST_EMAIL or len(local) > _LONGEST_LOCAL:
        raise EmailInvalid(pointer="/email")
    return f"{local}@{domain.lower()}"


def phone(text: str) -> str:
    """A phone number with its country code, as in ITU-T E.164: +37126123456. Eight digits are Latvian.

    Raises:
        PhoneInvalid
    """
    digits = _FILLING.sub("", text.strip())
    if not digits:
        return ""
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    digits = "+371" + digits if _LATVIAN.fullmatch(digits) else digits
    if not _PHONE.fullmatch(digits):
        raise PhoneInvalid(pointer="/phone")
    return digits


def postal(text: str) -> str:
    """The lines of a postal address, without the name above them.

    Raises:
        AddressInvalid
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = [line for line in lines if line]
    if not kept:
        return ""
    if not 2 <= len(kept) <= MOST_LINES or any(len(line) > LONGEST_LINE or not line.isprintable() for line in kept):
        raise AddressInvalid(pointer="/address")
    return "\n".join(kept)

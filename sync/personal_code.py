"""The Latvian personal code (Law on the Register of Natural Persons): eleven digits in one of two forms.

Until 30 June 2017 a code was made of the birth date, DDMMYY-CNNNP, with the century C (0, 1, 2 for 18xx, 19xx, 20xx)
and a check digit P. Since 1 July 2017 its first digit is 3, its second is drawn from 2 to 9 and the rest from 0 to 9.
The law says nothing of a check digit in the newer form, so a missing one is worth a warning and no refusal.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date
from operator import mul

from sync.errors import PersonalCodeInvalid

_WRITTEN = re.compile(r"([0-9]{6})-?([0-9]{5})")
_WEIGHTS = (1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = sum(_WEIGHTS) * ord("0")
_CENTURIES = {"0": 1800, "1": 1900, "2": 2000}


@dataclass(frozen=True, slots=True, repr=False)
class PersonalCode:
    """A well-formed code; `born` is None in the newer form, `check_digit_fits` can be False only there."""

    digits: str
    born: date | None
    check_digit_fits: bool

    def __repr__(self) -> str:
        return f"PersonalCode({mask(self.digits)})"


def parse(text: str) -> PersonalCode:
    """Read eleven digits, with or without the hyphen after the sixth; raises `PersonalCodeInvalid`."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise PersonalCodeInvalid("a personal code has eleven digits")
    digits = written[1] + written[2]
    fits = check_digit(digits[:10]) == digits[10]
    if is_newer_form(digits):
        return PersonalCode(digits, None, fits)
    if not fits:
        raise PersonalCodeInvalid("the check digit does not fit")
    return PersonalCode(digits, _birth_date(digits), True)


def birth_date(digits: str) -> date | None:
    """What the digits of a well-formed code tell of the birth date; None in the newer form."""
    return None if is_newer_form(digits) else _birth_date(digits)


def is_newer_form(digits: str) -> bool:
    """Whether the code tells no birth date: 30 and 31 are days, 32 to 39 are not."""
    return "32" <= digits[:2] <= "39"


def check_digit(first_ten: str) -> str:
    """The eleventh digit for the first ten: (1101 - weighted sum) mod 11 mod 10."""
    weighted = sum(map(mul, _WEIGHTS, first_ten.encode())) - _ZEROS
    return str((1101 - weighted) % 11 % 10)


def hyphenated(digits: str) -> str:
    """The code as documents print it, `DDMMYY-CNNNP`."""
    return f"{digits[:6]}-{digits[6:]}"


def mask(digits: str) -> str:
    """The code as a page shows it to those who need not know it: `010190-*****`, newer form `32****-*****`."""
    return f"{digits[:2]}****-*****" if is_newer_form(digits) else f"{digits[:6]}-*****"


def draw_with_birth_date(rng: random.Random, born: date) -> str:
    """A random code of the older form for somebody born on this day (1800 to 2099); eleven digits."""
    first_ten = f"{born:%d%m}{born.year % 100:02}{born.year // 100 - 18}{rng.randrange(1000):03}"
    return first_ten + check_digit(first_ten)


def draw_newer(rng: random.Random) -> str:
    """A random code of the newer form, drawn as the law words it; eleven digits."""
    return f"3{rng.randint(2, 9)}{rng.randrange(10**9):09}"


def _birth_date(digits: str) -> date:
    century = _CENTURIES.get(digits[6])
    if century is None:
        raise PersonalCodeInvalid("no such century of birth")
    try:
        return date(century + int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        raise PersonalCodeInvalid("no such day of birth") from None

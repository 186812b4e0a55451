"""Strict reading of JSON values: every refusal names its place as a JSON pointer (RFC 6901)."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar, cast

from rules.errors import MissingKey, OutOfRange, UnknownKey, UnknownWord, WrongType

T = TypeVar("T")
Json = dict[str, object]
MONEY = r"[0-9]{1,8}(\.[0-9]{1,4})?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MONEY = re.compile(MONEY)
_DATE = re.compile(DATE)
_YEARLY = re.compile(r"[0-9]{2}-[0-9]{2}")


def inside(place: str, key: str | int) -> str:
    """The pointer of a member of the value at `place`."""
    return f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}"


def record(value: object, place: str, required: Iterable[str], optional: Iterable[str] = ()) -> Json:
    """An object with all required keys and no others than the optional ones."""
    if not isinstance(value, dict):
        raise WrongType(place, "an object is expected")
    needed = tuple(required)
    for key in value:
        if key not in needed and key not in optional:
            raise UnknownKey(inside(place, key), f"known are {', '.join(sorted({*needed, *optional}))}")
    for key in needed:
        if key not in value:
            raise MissingKey(inside(place, key), "is required")
    return cast(Json, value)


def items(value: object, place: str, at_least: int = 0) -> list[object]:
    """A list, of at least so many members."""
    if not isinstance(value, list):
        raise WrongType(place, "a list is expected")
    if len(value) < at_least:
        raise OutOfRange(place, f"at least {at_least} expected")
    return value


def each(value: object, place: str, read: Callable[[object, str], T], at_least: int = 0) -> tuple[T, ...]:
    """A list whose members are read one by one."""
    return tuple(read(item, inside(place, at)) for at, item in enumerate(items(value, place, at_least)))


def text(value: object, place: str, longest: int = 200) -> str:
    """A non-empty string of at most so many characters."""
    if not isinstance(value, str):
        raise WrongType(place, "a string is expected")
    if not 0 < len(value) <= longest:
        raise OutOfRange(place, f"1 to {longest} characters expected")
    return value


def word(value: object, place: str, known: Iterable[str]) -> str:
    """A string out of a closed list."""
    if text(value, place) not in (allowed := tuple(known)):
        raise UnknownWord(place, f"{value!r} is not one of {', '.join(sorted(allowed)) or 'none'}")
    return cast(str, value)


def whole(value: object, place: str, low: int = 0, high: int = 1_000_000_000) -> int:
    """A whole number from `low` to `high`; true and false are no numbers."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongType(place, "a whole number is expected")
    if not low <= value <= high:
        raise OutOfRange(place, f"{low} to {high} expected")
    return value


def flag(value: object, place: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise WrongType(place, "true or false is expected")
    return value


def money(value: object, place: str) -> Decimal:
    """An amount as a string with at most 4 decimals, never negative: numbers in JSON would lose cents."""
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise WrongType(place, 'an amount such as "0.85" is expected')
    return Decimal(value)


def day(value: object, place: str) -> date:
    """A date as yyyy-mm-dd."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise WrongType(place, "a date such as 2026-03-01 is expected")
    try:
        read = date.fromisoformat(value)
    except ValueError as error:
        raise OutOfRange(place, "no such day in the calendar") from error
    if read == date.min:  # as an end it would have no last day before it
        raise OutOfRange(place, "a later day is expected")
    return read


def yearly(value: object, place: str) -> str:
    """A day of the year as mm-dd, 29 February among them."""
    if not isinstance(value, str) or not _YEARLY.fullmatch(value):
        raise WrongType(place, "a day such as 10-31 is expected")
    try:
        date.fromisoformat(f"2000-{value}")
    except ValueError as error:
        raise OutOfRange(place, "no such day in the calendar") from error
    return value


def words(value: object, place: str) -> frozenset[str]:
    """A set of strings, written as a list without repetition."""
    read: Sequence[str] = each(value, place, text)
    if len(set(read)) < len(read):
        raise OutOfRange(place, "a word is repeated")
    return frozenset(read)

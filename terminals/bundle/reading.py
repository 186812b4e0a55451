"""Strict reading of the CBOR payloads of the bundle: exactly the keys expected, exactly the types."""

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar, cast

from cards import cbor
from cards.errors import Malformed
from terminals.bundle.errors import ObjectUnreadable

T = TypeVar("T")
Record: TypeAlias = "dict[int | str, cbor.Value]"
ISS, EXP, IAT = 1, 4, 6
"""Claim numbers of RFC 8392 section 3.1."""
LATEST = 1 << 40
"""The largest moment (Unix seconds) and sequence number taken: every reader keeps it exactly."""


def record(payload: bytes, keys: Iterable[int | str]) -> Record:
    """The payload as a map of exactly these keys."""
    try:
        value = cbor.decode(payload)
    except Malformed as refused:
        raise ObjectUnreadable(refused.detail) from None
    if not isinstance(value, dict) or set(value) != set(keys):
        raise ObjectUnreadable("other claims than expected")
    return value


def number(value: cbor.Value, most: int = LATEST) -> int:
    """A whole number from 0 to `most`."""
    if type(value) is not int or not 0 <= value <= most:
        raise ObjectUnreadable("a number is expected")
    return value


def text(value: cbor.Value, longest: int = 200) -> str:
    """Text of 1 to `longest` characters."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise ObjectUnreadable("a text is expected")
    return value


def blob(value: cbor.Value, size: int | None = None) -> bytes:
    """Bytes, of exactly `size` where it is given."""
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        raise ObjectUnreadable("bytes are expected")
    return value


def row(value: cbor.Value, size: int) -> list[cbor.Value]:
    """An array of exactly so many items."""
    if not isinstance(value, list) or len(value) != size:
        raise ObjectUnreadable(f"{size} values are expected")
    return value


def each(value: cbor.Value, read: Callable[[cbor.Value], T]) -> tuple[T, ...]:
    """The items of an array, each read."""
    if not isinstance(value, list):
        raise ObjectUnreadable("an array is expected")
    return tuple(read(item) for item in value)


def ascending(keys: Iterable[object]) -> None:
    """Refuses keys that are not strictly ascending: one content has one form."""
    last = None
    for key in keys:
        if last is not None and not last < cast("str", key):
            raise ObjectUnreadable("unsorted or repeated")
        last = cast("str", key)

"""The kinds of field in a message between desk and service, each read from JSON strictly and written back."""

import base64
from collections.abc import Callable
from dataclasses import MISSING, field
from typing import Any, NamedTuple

MOST_ITEMS = 64
"""Items in one list: readers of a desk, commands for a card."""
MOST_TEXT = 2_000
"""Bytes of a text in UTF-8."""


class Kind(NamedTuple):
    """How a field is read from JSON and written to it; reading raises ValueError, TypeError or AttributeError."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"no {kind.__name__}")
        return value

    return read


def _text(value: Any) -> str:
    text: str = _exactly(str)(value)
    # What a database could not keep is stopped at the door: half a surrogate pair, and NUL.
    if len(text.encode()) > MOST_TEXT or "\0" in text:
        raise ValueError("no ordinary text")
    return text


def _bytes(value: Any) -> bytes:
    content = bytes.fromhex(value)
    if content.hex() != value:
        raise ValueError("not the shortest hexadecimal")
    return content


def listed(inner: Kind) -> Kind:
    """A tuple of such fields, in JSON a list."""

    def read(values: Any) -> tuple[Any, ...]:
        if type(values) is not list or len(values) > MOST_ITEMS:
            raise TypeError("no list, or too long a list")
        return tuple(inner.read(value) for value in values)

    return Kind(read, lambda values: [inner.write(value) for value in values])


def optional(inner: Kind) -> Kind:
    """Such a field or None."""
    return Kind(
        lambda value: None if value is None else inner.read(value),
        lambda value: None if value is None else inner.write(value),
    )


TEXT = Kind(_text)
NUMBER = Kind(_exactly(int))
FLAG = Kind(_exactly(bool))
HEX = Kind(_bytes, bytes.hex)
BASE64 = Kind(
    lambda value: base64.b64decode(_exactly(str)(value), validate=True), lambda value: base64.b64encode(value).decode()
)


def content(kind: Kind, default: Any = MISSING) -> Any:
    """A dataclass field of that kind."""
    return field(metadata={"kind": kind}, default=default)

"""A strict, deterministic subset of CBOR: the only form in which our signed objects exist.

Unsigned and negative integers, byte and text strings, arrays, maps, true, false and null; definite lengths, shortest
heads, map keys (integers or text) strictly ascending by their encoded bytes; nothing else. One value has one encoding.
Source: RFC 8949, sections 3 and 4.2.1.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from cards.errors import Malformed, Unencodable

Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[int | str, Value] | None"

MAX_DEPTH = 8
_LEAST = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}
_SIMPLE: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}


def decode(data: bytes) -> Value:
    """The value that `data` encodes; Malformed for anything but one complete value in its only form."""
    try:
        value, end = _item(data, 0, 0)
    except IndexError:
        raise Malformed("cbor: truncated") from None
    except KeyError:
        raise Malformed("cbor: indefinite or reserved length, or a type outside the subset") from None
    if end != len(data):
        raise Malformed("cbor: trailing bytes")
    return value


def _item(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    first = data[at]
    if first < 24:
        return first, at + 1
    major = first >> 5
    if major == 7:
        return _SIMPLE[first], at + 1
    number, at = first & 31, at + 1
    if number > 23:
        size, least = _LEAST[number]
        number = int.from_bytes(data[at : at + size])
        at += size
        if number < least or at > len(data):
            raise Malformed("cbor: truncated, or not the shortest head")
    if major == 0:
        return number, at
    if major == 2:
        if at + number > len(data):
            raise Malformed("cbor: truncated")
        return data[at : at + number], at + number
    if major == 1:
        return -1 - number, at
    if major == 3:
        return _text_item(data, at, at + number)
    if major == 6 or depth >= MAX_DEPTH:
        raise Malformed("cbor: tag or nesting outside the subset")
    return _array(data, at, number, depth + 1) if major == 4 else _map(data, at, number, depth + 1)


def _text_item(data: bytes, at: int, end: int) -> tuple[str, int]:
    if end > len(data):
        raise Malformed("cbor: truncated")
    try:
        return data[at:end].decode("utf-8"), end
    except UnicodeDecodeError:
        raise Malformed("cbor: text is not UTF-8") from None


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[list[Value], int]:
    items: list[Value] = []
    for _ in range(count):
        item, at = _item(data, at, depth)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[int | str, Value], int]:
    found: dict[int | str, Value] = {}
    last = b""
    for _ in range(count):
        key, end = _item(data, at, depth)
        # True == 1 in Python: only plain integers and text keep one map key one dict key
        if type(key) is not int and type(key) is not str:
            raise Malformed("cbor: map key is neither integer nor text")
        encoded = data[at:end]
        if encoded <= last:
            raise Malformed("cbor: map keys unsorted or repeated")
        found[key], at = _item(data, end, depth)
        last = encoded
    return found, at


def head(major: int, number: int) -> bytes:
    """The shortest head of one item (RFC 8949 section 3); Unencodable above 64 bits."""
    kind = major << 5
    if number < 24:
        return bytes((kind | number,))
    if number < 1 << 8:
        return bytes((kind | 24, number))
    if number < 1 << 16:
        return bytes((kind | 25, number >> 8, number & 255))
    if number < 1 << 32:
        return bytes((kind | 26,)) + number.to_bytes(4)
    if number < 1 << 64:
        return bytes((kind | 27,)) + number.to_bytes(8)
    raise Unencodable("integer above 64 bits")


def byte_string(data: bytes) -> bytes:
    """`data` as one encoded byte string."""
    return head(2, len(data)) + data


def encode(value: Value) -> bytes:
    """The only encoding of `value`; Unencodable for what the subset does not hold."""
    kind = type(value)
    if kind not in _ENCODERS:
        raise Unencodable(f"{kind.__name__} is outside the CBOR subset")
    return _ENCODERS[kind](value)


def _integer(value: int) -> bytes:
    return head(0, value) if value >= 0 else head(1, -1 - value)


def _text(value: str) -> bytes:
    try:
        raw = value.encode("utf-8")
    except UnicodeEncodeError:
        raise Unencodable("text with a lone surrogate") from None
    return head(3, len(raw)) + raw


def _list(items: list[Value]) -> bytes:
    return head(4, len(items)) + b"".join([encode(item) for item in items])


def _dict(pairs: dict[int | str, Value]) -> bytes:
    return head(5, len(pairs)) + b"".join(sorted([_key(key) + encode(item) for key, item in pairs.items()]))


def _key(key: int | str) -> bytes:
    if type(key) is not int and type(key) is not str:
        raise Unencodable("map key is neither integer nor text")
    return encode(key)


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    int: _integer,
    bytes: byte_string,
    str: _text,
    bool: lambda value: b"\xf5" if value else b"\xf4",
    type(None): lambda _: b"\xf6",
    list: _list,
    dict: _dict,
}

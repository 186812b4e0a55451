"""Mutations of good input: bits and pieces of bytes, and values in places where others belong."""

import random
from collections.abc import Sequence
from typing import Any

JUNK: list[Any] = [
    0,
    1,
    -1,
    23,
    24,
    255,
    256,
    65_535,
    65_536,
    2**32,
    2**41,
    2**63,
    True,
    False,
    None,
    "",
    "x",
    "Ā" * 300,
    b"",
    bytes(4),
    bytes(7),
    bytes(8),
    bytes(32),
    bytes(33),
    [],
    [1],
    [[]],
    {},
    {1: 1},
    {"x": None},
]


def changed_bytes(draw: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """`data` with one to four of: a bit or byte changed, a piece cut out, doubled, moved in from another, or filled."""
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        at, end = draw.randint(0, len(data)), draw.randint(0, len(data))
        piece = draw.choice(
            [
                bytes((data[at] ^ 1 << draw.randrange(8),)) + data[at + 1 : at + 1] if at < len(data) else b"\0",
                draw.randbytes(draw.randint(0, 3)),
                data[at:end],
                draw.choice(others)[at:end],
                bytes((draw.choice([0, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x5F, 0x9F, 0xBF, 0xC0, 0xF9, 0xFF]),)),
            ]
        )
        data = data[:at] + piece + data[draw.choice([at, at + len(piece), max(at, end)]) :]
    return data


def changed_value(draw: random.Random, value: Any) -> Any:
    """A value with one place of it replaced, left out, repeated, or one more."""
    if type(value) is int and draw.random() < 0.5:
        return value + draw.choice([-1, 1, -(2**16), 2**16, 500 * 86_400])
    if isinstance(value, bytes) and draw.random() < 0.5:
        return draw.choice([value[:-1], value + b"\0", bytes(len(value)), b"\xff" * len(value)])
    if draw.random() < 0.3 or not isinstance(value, list | dict) or not value:
        return draw.choice([*JUNK, [value], [value, value]])
    if isinstance(value, list):
        at = draw.randrange(len(value))
        inner = draw.choice(
            [[changed_value(draw, value[at])], [], [value[at], value[at]], [draw.choice(JUNK), value[at]]]
        )
        return [*value[:at], *inner, *value[at + 1 :]]
    key = draw.choice(list(value))
    kept = {name: item for name, item in value.items() if name != key}
    return draw.choice(
        [
            {**value, key: changed_value(draw, value[key])},
            kept,
            {**kept, draw.choice([1, 9, "x"]): value[key]},
            {**value, draw.choice([3, 5, 9, "y"]): draw.choice(JUNK)},
        ]
    )

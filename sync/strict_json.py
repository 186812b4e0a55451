"""JSON as it crosses a border: I-JSON (RFC 7493), so that every reader sees the same value or none.

Beyond RFC 8259 refused are: duplicate names, NaN and infinities, numbers too large for a double, integers outside
±(2**53 - 1), lone surrogates, U+0000, and nesting deeper than 32.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from sync.errors import UnreadableJson

DEEPEST = 32
LARGEST_INTEGER = 2**53 - 1
_UNSAFE = re.compile("[\0\ud800-\udfff]")


def strict_json(body: bytes) -> Any:
    """Parse one JSON text in UTF-8 without a byte order mark; raises `UnreadableJson` and nothing else."""
    try:
        text = body.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise UnreadableJson("the body is not UTF-8", body.count(b"\n", 0, error.start) + 1) from None
    except json.JSONDecodeError as error:
        raise UnreadableJson("the body is not JSON", error.lineno) from None
    except RecursionError:
        raise UnreadableJson("nested too deeply") from None
    _refuse_depth(value, body)
    _refuse_characters(value, body)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise UnreadableJson("a name occurs twice in one object")
    return members


def _constant(_: str) -> NoReturn:
    raise UnreadableJson("NaN and infinities are no JSON numbers")


def _integer(digits: str) -> int:
    # The length is looked at first: turning a million digits into a number is quadratic.
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise UnreadableJson("an integer is too large")
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnreadableJson("a number is too large")
    return number


def _refuse_depth(value: Any, body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") > DEEPEST and any(depth > DEEPEST for depth, _ in _walk(value)):
        raise UnreadableJson("nested too deeply")


def _refuse_characters(value: Any, body: bytes) -> None:
    # Raw UTF-8 cannot hold a surrogate and the parser refuses a raw U+0000: only escapes can smuggle them in.
    if b"\\u" in body and any(_is_unsafe(item) for _, item in _walk(value)):
        raise UnreadableJson("a text holds U+0000 or half of a surrogate pair")


def _is_unsafe(item: Any) -> bool:
    return isinstance(item, str) and _UNSAFE.search(item) is not None


def _walk(value: Any) -> Iterator[tuple[int, Any]]:
    """Each value and each name with the depth of the arrays and objects around and including it."""
    waiting = [(0, value)]
    while waiting:
        around, item = waiting.pop()
        depth = around + isinstance(item, list | dict)
        yield depth, item
        if isinstance(item, dict):
            waiting.extend((depth, name) for name in item)
            item = list(item.values())
        if isinstance(item, list):
            waiting.extend((depth, child) for child in item)


# Made once: the parser is asked a million times for a file of as many rows.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_constant, parse_int=_integer, parse_float=_number
)

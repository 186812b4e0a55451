"""One spelling of a JSON value (JCS, RFC 8785), so that both sides sign the same bytes whatever their libraries write.

Letters outside ASCII are written as themselves in UTF-8: `"Bērziņš"` and its escaped spelling have one digest.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value that `sync.strict_json` has read; members in the order of their UTF-16 names."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(item)}" for name, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """As ECMAScript writes it (ECMA-262, Number::toString), which RFC 8785 section 3.2.2.3 asks for."""
    if value == 0:
        return "0"
    sign, figures, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, figures))
    point = len(digits) + int(exponent)
    return "-" * sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    if not -6 < point <= 21:
        fraction = f".{digits[1:]}" if digits[1:] else ""
        return f"{digits[0]}{fraction}e{point - 1:+d}"
    if point <= 0:
        return "0." + "0" * -point + digits
    whole = digits[:point].ljust(point, "0")
    return f"{whole}.{digits[point:]}" if digits[point:] else whole

"""JSON in one form only: UTF-8, keys sorted, no blanks, so that one content has one digest."""

import json
from typing import cast

from rules.shape import Json
from terminals.bundle.errors import ObjectUnreadable


def canonical(value: object) -> bytes:
    """The bytes of a value that JSON can hold."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def read_canonical(content: bytes) -> Json:
    """The object in `content`.

    Raises:
        ObjectUnreadable: no JSON object, or not in its only form (which also finds repeated keys).
    """
    try:
        value = json.loads(content.decode())
        again = canonical(value)
    except (ValueError, RecursionError):
        raise ObjectUnreadable("no JSON") from None
    if not isinstance(value, dict) or again != content:
        raise ObjectUnreadable("not the only form of a JSON object")
    return cast("Json", value)

"""A person made up beside the builder, to see on which days a condition would hold; nothing of it is a real person's.

The sample is JSON; what could not be read is left in it as it was typed. Its fields are named like those of the
condition: `sample/facts/0:from`. Periods are half-open, their last days are typed inclusively.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from amis.granting.builder import at
from amis.granting.condition_form import Posted, typed_day
from amis.granting.errors import ConditionInvalid
from sync.errors import SyncError
from sync.strict_json import strict_json

Sample = dict[str, Any]
PREFIX = "sample"
_MOST_ROWS = 50
_DEEPEST = 3
_ROWS: Mapping[str, tuple[str, ...]] = {
    "facts": ("kind", "value", "num", "from", "to"),
    "groups": ("group", "from", "to"),
    "relations": ("kind", "from", "to"),
}


def blank() -> Sample:
    """Nobody in particular: nothing is known."""
    return {"born": None, "died": None, "facts": [], "groups": [], "relations": []}


def read_sample(text: str) -> Sample:
    """The sample from the JSON of the form. Raises ConditionInvalid where it is none."""
    if not text:
        return blank()
    try:
        return _person(strict_json(text.encode()), 0)
    except (SyncError, TypeError, AttributeError) as error:
        raise ConditionInvalid(str(error), pointer="/sample") from error


def fill(sample: Sample, posted: Posted, place: str = "") -> Sample:
    """The sample with what was typed into its fields."""
    for key in ("born", "died"):
        if posted.has(field(place, key)):
            sample[key] = typed_day(posted.get(field(place, key)))
    for rows in _ROWS:
        for number, row in enumerate(sample[rows]):
            spot = f"{place}/{rows}/{number}"
            _fill_row(row, posted, spot)
            if rows == "relations":
                fill(row["person"], posted, f"{spot}/person")
    return sample


def field(place: str, name: str) -> str:
    """The name of a field of the sample."""
    return f"{PREFIX}{place}:{name}"


def add(sample: Sample, place: str) -> Sample:
    """One row more in `facts`, `groups` or `relations` of a person. Raises LookupError for other places."""
    longer = deepcopy(sample)
    rows, kind = at(longer, place), place.rpartition("/")[2]
    if len(rows) >= _MOST_ROWS or place.count("/relations/") >= _DEEPEST:
        raise IndexError(place)
    row: Sample = dict.fromkeys(_ROWS[kind], "") | {"from": None, "to": None}
    rows.append(row | ({"person": blank()} if kind == "relations" else {}))
    return longer


def remove(sample: Sample, place: str) -> Sample:
    """Without the row. Raises LookupError where there is none."""
    shorter = deepcopy(sample)
    around, _, number = place.rpartition("/")
    del at(shorter, around)[int(number)]
    return shorter


def _person(value: Any, depth: int) -> Sample:
    read: Sample = {key: _text(value.get(key)) or None for key in ("born", "died")}
    for rows, keys in _ROWS.items():
        listed = value.get(rows) or []
        read[rows] = [_row(row, keys, rows, depth) for row in listed[:_MOST_ROWS]]
    return read


def _row(row: Any, keys: tuple[str, ...], rows: str, depth: int) -> Sample:
    read: Sample = {key: _text(row.get(key)) for key in keys}
    read |= {key: read[key] or None for key in ("from", "to")}
    if rows == "relations":
        read["person"] = _person(row.get("person") or {}, depth + 1) if depth < _DEEPEST else blank()
    return read


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _fill_row(row: Sample, posted: Posted, place: str) -> None:
    if posted.has(field(place, "what")):
        kind, _, value = posted.get(field(place, "what")).partition(":")
        row |= {"kind": kind, "value": value or posted.get(field(place, "value"))}
    for name in ("num", "group", "kind"):
        if name in row and posted.has(field(place, name)):
            row[name] = posted.get(field(place, name))
    for name in ("from", "to"):
        if posted.has(field(place, name)):
            row[name] = typed_day(posted.get(field(place, name)), last=name == "to")

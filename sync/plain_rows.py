"""The quick way to read a row of statuses in which nothing is unusual: most of a million rows are of that kind.

It never says what is wrong: wherever a row is not plainly right it gives None, and the reader of `sync.events`, whose
word counts, looks at it. What it does give is what that reader gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from unicodedata import is_normalized

from sync import personal_code
from sync.errors import PersonalCodeInvalid
from sync.notice import DecisionRef, Op, PersonRef, StatusFact
from sync.strict_json import LARGEST_INTEGER

_OPS: Mapping[Any, Op] = {op.value: op for op in Op}
_REQUIRED = 7
_DECISION = 3


def read_plain(data: Any) -> StatusFact | None:
    """What a parsed row states, if it is plainly right."""
    try:
        return _read(data)
    except (KeyError, TypeError, ValueError, PersonalCodeInvalid):
        return None


def _read(data: dict[str, Any]) -> StatusFact | None:
    version, last_day = data["version"], data["valid_to"]
    decided, lives = "decision" in data, "household" in data
    if len(data) != _REQUIRED + decided + lives or type(version) is not int or not 1 <= version <= LARGEST_INTEGER:
        return None
    first, last = _day(data["valid_from"]), None if last_day is None else _day(last_day)
    if last is not None and last < first:
        return None
    return StatusFact(
        _text(data["record_id"], 200),
        version,
        _OPS[data["op"]],
        _person(data["person"]),
        _text(data["status"], 64),
        first,
        None if last is None or last == date.max else last + timedelta(days=1),
        _decision(data["decision"]) if decided else None,
        _text(data["household"], 200) if lives else None,
    )


def _person(data: dict[str, Any]) -> PersonRef:
    given, family, born = "given_name" in data, "family_name" in data, "birth_date" in data
    if len(data) != 1 + given + family + born:
        raise ValueError
    return PersonRef(
        personal_code.parse(_text(data["code"], 20)).digits,
        _text(data["given_name"], 100) if given else None,
        _text(data["family_name"], 100) if family else None,
        _day(data["birth_date"]) if born else None,
    )


def _decision(data: dict[str, Any]) -> DecisionRef:
    if len(data) != _DECISION:
        raise ValueError
    return DecisionRef(_text(data["number"], 100), _day(data["date"]), _text(data["authority"], 200))


def _text(value: Any, longest: int) -> str:
    if type(value) is not str or not 0 < len(value) <= longest or not value.isprintable():
        raise ValueError
    if not value.isascii() and not is_normalized("NFC", value):
        raise ValueError
    return value


@lru_cache(4096)
def _day(value: Any) -> date:
    # fromisoformat also takes 20260301 and week dates, which are not of the contract
    if type(value) is not str or len(value) != 10 or value[4] != "-" or value[7] != "-" or not value.isascii():
        raise ValueError
    return date.fromisoformat(value)

"""The fields of an event's data: one table reads the data strictly and generates the published JSON Schema."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sync import personal_code
from sync.errors import PersonalCodeInvalid, SyncError
from sync.strict_json import LARGEST_INTEGER
from sync.verdict import RowCode, RowError

_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")


class Kind(StrEnum):
    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"
    CHOICE = "choice"
    PERSONAL_CODE = "personal_code"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an object. `code` is what a sender is told when the member is missing or wrong."""

    name: str
    kind: Kind
    code: RowCode = RowCode.SCHEMA_UNSUPPORTED
    required: bool = True
    nullable: bool = False
    longest: int = 200
    least: int = 0
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()


class RowRefused(SyncError):
    """One event cannot be read; its `error` says why and where."""

    code = "row.refused"

    def __init__(self, code: RowCode, pointer: str) -> None:
        super().__init__(f"{code} at {pointer}")
        self.error = RowError(code, pointer)


def read_record(fields: tuple[Field, ...], value: Any, pointer: str) -> dict[str, Any]:
    """Read an object by its fields; optional members that are absent are left out. Raises `RowRefused`."""
    if not isinstance(value, dict):
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, pointer)
    _refuse_unknown(fields, value, pointer)
    record: dict[str, Any] = {}
    for field in fields:
        if field.name in value:
            record[field.name] = _read(field, value[field.name], f"{pointer}/{field.name}")
        elif field.required:
            raise RowRefused(field.code, f"{pointer}/{field.name}")
    return record


def _refuse_unknown(fields: tuple[Field, ...], value: dict[str, Any], pointer: str) -> None:
    unknown = value.keys() - {field.name for field in fields}
    if unknown:
        raise RowRefused(RowCode.SCHEMA_UNSUPPORTED, f"{pointer}/{_escaped(min(unknown))}")


def _escaped(name: str) -> str:
    # RFC 6901 section 3; cut, because the sender chose this text and it is echoed and stored.
    return name.replace("~", "~0").replace("/", "~1")[:64]


def _read(field: Field, value: Any, pointer: str) -> Any:
    if value is None and field.nullable:
        return None
    if field.kind is Kind.RECORD:
        return read_record(field.fields, value, pointer)
    return _READERS[field.kind](field, value, pointer)


def text(field: Field, value: Any, pointer: str) -> str:
    """A non-empty text in normal form C without control characters."""
    if not isinstance(value, str) or not 0 < len(value) <= field.longest:
        raise RowRefused(field.code, pointer)
    if _CONTROL.search(value):
        raise RowRefused(RowCode.ENCODING_INVALID, pointer)
    return unicodedata.normalize("NFC", value)


def _date(field: Field, value: Any, pointer: str) -> date:
    # fromisoformat also takes 20260301 and week dates: the length and the shape are part of the contract.
    if not isinstance(value, str) or len(value) != 10 or value[4] != "-" or value[7] != "-" or not value.isascii():
        raise RowRefused(field.code, pointer)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise RowRefused(field.code, pointer) from None


def _integer(field: Field, value: Any, pointer: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not field.least <= value <= LARGEST_INTEGER:
        raise RowRefused(field.code, pointer)
    return value


def _choice(field: Field, value: Any, pointer: str) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise RowRefused(field.code, pointer)
    return value


def _personal_code(field: Field, value: Any, pointer: str) -> str:
    try:
        return personal_code.parse(value if isinstance(value, str) else "").digits
    except PersonalCodeInvalid:
        raise RowRefused(field.code, pointer) from None


_READERS: Mapping[Kind, Callable[[Field, Any, str], Any]] = {
    Kind.TEXT: text,
    Kind.DATE: _date,
    Kind.INTEGER: _integer,
    Kind.CHOICE: _choice,
    Kind.PERSONAL_CODE: _personal_code,
}

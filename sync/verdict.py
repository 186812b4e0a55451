"""What became of one event, in the words both sides of the wire use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sync.errors import AnswerUnreadable


class Verdict(StrEnum):
    """The final word about one event; each event of an answered request has exactly one."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    STALE = "stale"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    HELD = "held"
    UNSUPPORTED = "unsupported"


class RowCode(StrEnum):
    """Why one event or row was not taken; stable, so that a sender's program can act on it."""

    RECORD_ID_MISSING = "record_id.missing"
    VERSION_INVALID = "version.invalid"
    VERSION_CONFLICT = "version.conflict"
    PERSON_CODE_INVALID = "person_code.invalid"
    PERSON_CODE_UNKNOWN = "person_code.unknown"
    STATUS_UNKNOWN = "status.unknown"
    VALID_FROM_INVALID = "valid_from.invalid"
    VALID_TO_INVALID = "valid_to.invalid"
    VALID_REVERSED = "valid.reversed"
    OP_UNKNOWN = "op.unknown"
    SOURCE_NOT_AUTHORITATIVE = "source.not_authoritative"
    SCHEMA_UNSUPPORTED = "schema.unsupported"
    ENCODING_INVALID = "encoding.invalid"
    COLUMNS_MISMATCH = "columns.mismatch"


@dataclass(frozen=True, slots=True)
class RowError:
    """One refused event: the code, the place in the event as a JSON pointer (RFC 6901), the event's id if it has one.

    It never repeats what stood at that place, which may be a personal code.
    """

    code: RowCode
    pointer: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """One line of the answer to `POST /sync/v1/events`, in the order of the request's events."""

    event_id: str | None
    verdict: Verdict
    error: RowError | None = None

    def to_json(self) -> dict[str, Any]:
        line: dict[str, Any] = {"id": self.event_id, "verdict": self.verdict.value}
        if self.error is not None:
            line["error"] = {"code": self.error.code.value, "pointer": self.error.pointer}
        return line


def rejected(error: RowError) -> EventVerdict:
    """The line of an event that could not be read or translated."""
    return EventVerdict(error.event_id, Verdict.REJECTED, error)


def answer_to_json(verdicts: Iterable[EventVerdict]) -> dict[str, Any]:
    """The body of a 200 answer: `{"verdicts": [{"id", "verdict", "error"?: {"code", "pointer"}}]}`."""
    return {"verdicts": [verdict.to_json() for verdict in verdicts]}


def answer_from_json(body: Any) -> tuple[EventVerdict, ...]:
    """Read the body of a 200 answer; raises `AnswerUnreadable`."""
    try:
        return tuple(_line(line) for line in body["verdicts"])
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerUnreadable(str(error)) from None


def _line(line: Any) -> EventVerdict:
    problem = line.get("error") if isinstance(line, dict) else None
    error = RowError(RowCode(problem["code"]), str(problem["pointer"]), line["id"]) if problem else None
    return EventVerdict(line["id"], Verdict(line["verdict"]), error)

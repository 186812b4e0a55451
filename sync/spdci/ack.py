"""The short answer to every message (`Ack`): ACK, NACK or ERR, and the id under which the receiver remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sync.errors import AnswerUnreadable


class AckStatus(StrEnum):
    """ACK: taken. NACK: understood, nothing of it taken and nothing will follow. ERR: refused, `code` says why."""

    ACK = "ACK"
    NACK = "NACK"
    ERR = "ERR"


@dataclass(frozen=True, slots=True)
class Ack:
    """`code` is one of the standard's `err.*` for ERR, else empty; `text` explains and never repeats personal data."""

    status: AckStatus
    timestamp: datetime
    correlation_id: str
    code: str = ""
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """The body of the answer."""
        members: dict[str, Any] = {
            "ack_status": self.status.value,
            "timestamp": self.timestamp.isoformat(),
            "correlation_id": self.correlation_id,
        }
        if self.code:
            members["error"] = {"code": self.code, "message": self.text[:999]}
        return {"message": members}


def ack_from_json(body: Any, at: datetime) -> Ack:
    """Read a registry's answer received at `at`; raises `AnswerUnreadable`."""
    try:
        members = body["message"]
        error = members.get("error") or {}
        correlation_id = str(members.get("correlation_id") or "")[:99]
        code, text = str(error.get("code", ""))[:99], str(error.get("message", ""))[:999]
        return Ack(AckStatus(members["ack_status"]), at, correlation_id, code, text)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AnswerUnreadable("no ack_status") from None

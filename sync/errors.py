"""What can go wrong with a whole request or file; what is wrong with one event is a `RowError` of `sync.verdict`."""

from __future__ import annotations

from typing import ClassVar


class SyncError(Exception):
    """The message from the source system could not be handled."""

    code: ClassVar[str] = "sync.failed"


class UnreadableJson(SyncError):
    """The body is not strict JSON."""

    code: ClassVar[str] = "json.invalid"

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"{reason} (line {line})")
        self.reason = reason
        self.line = line


class MediaTypeUnsupported(SyncError):
    """The body is no CloudEvents message in the binary, structured or batched mode."""

    code: ClassVar[str] = "media_type.unsupported"


class TooManyEvents(SyncError):
    """The batch holds more events than one request may carry."""

    code: ClassVar[str] = "batch.too_many_events"


class PersonalCodeInvalid(SyncError):
    """This is not a Latvian personal code."""

    code: ClassVar[str] = "person_code.invalid"


class KeyUnreadable(SyncError):
    """This is not a signing key in the Standard Webhooks notation."""

    code: ClassVar[str] = "key.unreadable"


class SignatureRefused(SyncError):
    """The message is not signed by a key known for its sender."""

    code: ClassVar[str] = "signature.refused"


class SignatureHeadersInvalid(SignatureRefused):
    """The headers webhook-id, webhook-timestamp and webhook-signature are missing or malformed."""

    code: ClassVar[str] = "signature.headers_invalid"


class TimestampOutOfRange(SignatureRefused):
    """The message was signed too long ago, or by a clock that is ahead."""

    code: ClassVar[str] = "signature.timestamp_out_of_range"


class SignatureMismatch(SignatureRefused):
    """None of the signatures fits the message and a known key."""

    code: ClassVar[str] = "signature.mismatch"


class MappingInvalid(SyncError):
    """The table that translates the source's statuses is malformed."""

    code: ClassVar[str] = "mapping.invalid"


class PushRefused(SyncError):
    """The receiver refuses the request as a whole; the events stay in the outbox."""

    code: ClassVar[str] = "push.refused"

    def __init__(self, status: int) -> None:
        super().__init__(f"the receiver answered {status}")
        self.status = status


class PushUnavailable(SyncError):
    """The receiver could not be reached in the agreed number of attempts; the events stay in the outbox."""

    code: ClassVar[str] = "push.unavailable"


class AnswerUnreadable(SyncError):
    """The receiver's answer does not tell what became of each event; the events stay in the outbox."""

    code: ClassVar[str] = "push.answer_unreadable"

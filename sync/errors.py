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


class ReceiverSilent(SyncError):
    """The receiver gives no answer for now."""

    code: ClassVar[str] = "receiver.silent"


class MachineRefused(SyncError):
    """This machine may not work with the receiver: its key is not approved yet, or no longer good."""

    code: ClassVar[str] = "machine.refused"


class MachineNotPaired(SyncError):
    """This machine is not paired with a receiver."""

    code: ClassVar[str] = "machine.not_paired"


class MachinePairedAlready(SyncError):
    """This folder holds the pairing of a machine already."""

    code: ClassVar[str] = "machine.paired_already"


class RequestRefused(SyncError):
    """The receiver refuses the request; `problem` is its own code (RFC 9457), empty where it gave none."""

    code: ClassVar[str] = "request.refused"

    def __init__(self, status: int, problem: str = "", detail: str = "") -> None:
        super().__init__(" ".join(f"the receiver answered {status} {problem} {detail}".split()))
        self.status = status
        self.problem = problem


class CursorTooOld(RequestRefused):
    """The receiver no longer has the entries after this place of its feed: read everything anew."""

    code: ClassVar[str] = "feed.cursor_too_old"


class FeedGap(SyncError):
    """The feed leaves out a number, which it promises never to do."""

    code: ClassVar[str] = "feed.gap"


class CursorUnreadable(SyncError):
    """The file that remembers the place in the feed is damaged."""

    code: ClassVar[str] = "feed.cursor_unreadable"


class FileUnreadable(SyncError):
    """The file cannot be read as rows, so none of its rows is taken."""

    code: ClassVar[str] = "file.unreadable"

    def __init__(self, detail: str, line: int | None = None) -> None:
        super().__init__(detail if line is None else f"line {line}: {detail}")


class EncodingInvalid(FileUnreadable):
    """The file is not in UTF-8."""

    code: ClassVar[str] = "encoding.invalid"


class ColumnsMismatch(FileUnreadable):
    """The heading does not name the columns agreed upon."""

    code: ClassVar[str] = "columns.mismatch"


class ProfileInvalid(SyncError):
    """What was kept about reading the files of a source is damaged."""

    code: ClassVar[str] = "profile.invalid"


class LineTooLong(FileUnreadable):
    """A line is longer than a row can be."""

    code: ClassVar[str] = "line.too_long"


class CsvInvalid(FileUnreadable):
    """The file's quotation marks do not fit together."""

    code: ClassVar[str] = "csv.invalid"


class GzipInvalid(FileUnreadable):
    """The file is not compressed as it says."""

    code: ClassVar[str] = "gzip.invalid"


class GzipTruncated(FileUnreadable):
    """The compressed file ends too early."""

    code: ClassVar[str] = "gzip.truncated"


class GzipTooLarge(FileUnreadable):
    """The file is too large once it is decompressed."""

    code: ClassVar[str] = "gzip.too_large"


class DiaryOfAnother(SyncError):
    """The folder remembers a pretend source that was played otherwise; choose another folder, or play it as before."""

    code: ClassVar[str] = "diary.of_another"

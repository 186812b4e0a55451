"""What the intake refuses as a whole; what is wrong with one event is a line of the answer."""

from amis.kernel.errors import (
    AmisError,
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)
from sync.verdict import RowError


class SignatureNotAccepted(Unauthenticated):
    """The message is not signed by a key of a known sender."""

    code = "signature_refused"


class BodyUnreadable(Malformed):
    """The body is not strict JSON or no CloudEvents message."""

    code = "body_unreadable"


class NotCloudEvents(UnsupportedMedia):
    """Send CloudEvents 1.0: application/cloudevents+json, its batch form, or the binary mode."""

    code = "not_cloudevents"


class BatchTooLarge(TooLarge):
    """A request carries at most 1,000 events."""

    code = "batch_too_large"


class SenderExists(Conflict):
    """This municipality has a sender with this source already."""

    code = "sender_exists"


class SenderUnknown(NotFound):
    """There is no such sender."""

    code = "sender_unknown"


class QuarantinedUnknown(NotFound):
    """There is no such message in quarantine."""

    code = "quarantined_unknown"


class AlreadyDecided(Conflict):
    """Somebody has decided on this message already."""

    code = "quarantined_decided"


class ReasonMissing(Invalid):
    """Say why, in 3 to 500 characters."""

    code = "reason_missing"


class RegistryExists(Conflict):
    """This sender is a registry already."""

    code = "registry_exists"


class RegistryUnknown(NotFound):
    """There is no such registry."""

    code = "registry_unknown"


class RegistryUrlInvalid(Invalid):
    """The address of a registry begins with https://."""

    code = "registry_url_invalid"


class NotRegistryMessage(UnsupportedMedia):
    """Send a message of the DCI social registry interface as application/json."""

    code = "not_registry_message"


class MachineSendsNothing(Forbidden):
    """This machine is not that of a sender that may send."""

    code = "machine_sends_nothing"


class NotRows(UnsupportedMedia):
    """Send rows as application/x-ndjson or text/csv in UTF-8, compressed with gzip or not at all."""

    code = "not_rows"


class SnapshotPointMissing(Invalid):
    """A snapshot says by as_of at which version it was taken; a delta does not."""

    code = "snapshot_point_missing"


class IdempotencyKeyMissing(Malformed):
    """Name the file by an Idempotency-Key of 1 to 255 visible characters, so that it can be sent again."""

    code = "idempotency_key_missing"


class IdempotencyKeyReused(Invalid):
    """Another file came under this Idempotency-Key."""

    code = "idempotency_key_reused"


class BatchInFlight(Conflict):
    """The file of this Idempotency-Key is still being received."""

    code = "batch_in_flight"


class ContentDigestMissing(Malformed):
    """Send the SHA-256 of the body as Content-Digest: sha-256=:...: (RFC 9530)."""

    code = "content_digest_missing"


class DigestMismatch(Invalid):
    """The body is not the one of which the Content-Digest was taken."""

    code = "digest_mismatch"


class BatchUnknown(NotFound):
    """There is no such batch."""

    code = "notice_batch_unknown"


class BatchDecided(Conflict):
    """The batch is not in a state in which this can be done."""

    code = "batch_decided"


class Overtaken(Conflict):
    """Another message has changed the same records meanwhile: try again."""

    code = "overtaken"


class NotCorrectable(Conflict):
    """A message that cannot be read as notices cannot be put right here: its sender sends it again."""

    code = "not_correctable"


class StillRefused(Invalid):
    """What was put right is refused again."""

    code = "still_refused"

    def __init__(self, error: RowError) -> None:
        super().__init__(error.code.value, pointer=error.pointer)
        self.error = error


class UploadUnknown(NotFound):
    """There is no such file of yours: what is not confirmed is deleted after a day."""

    code = "upload_unknown"


class UploadUnreadable(Invalid):
    """The file cannot be read: it is neither CSV nor XLSX, or it is damaged."""

    code = "upload_unreadable"


class UploadEmpty(UploadUnreadable):
    """The file is empty."""

    code = "upload_empty"


class UploadWithoutHeading(UploadUnreadable):
    """The list has no row of headings. Add one that names the columns."""

    code = "upload_without_heading"


class UploadUnreckoned(UploadUnreadable):
    """Formulas have no results: open the file in a spreadsheet program, save it and choose it again."""

    code = "upload_unreckoned"


class UploadChanged(Conflict):
    """What is to be taken in has changed since it was shown. Look at it again."""

    code = "upload_changed"


class SenderKeyUnknown(NotFound):
    """This sender has no such key in force."""

    code = "sender_key_unknown"


class SenderDecided(Conflict):
    """Somebody has changed this source in the meantime: look again."""

    code = "sender_decided"


class IntervalInvalid(Invalid):
    """Enter whole minutes, from 1 to 44639, or nothing."""

    code = "interval_invalid"


class SourceInvalid(Invalid):
    """A source has 1 to 256 visible characters without blanks or diacritics, and is none that AMIS itself uses."""

    code = "source_invalid"


class SourceLabelInvalid(Invalid):
    """Name the source in 1 to 100 characters."""

    code = "source_label_invalid"


class MeaningUnknown(Invalid):
    """Choose a meaning that the register knows, and name each status in 1 to 64 characters."""

    code = "meaning_unknown"


class PullUnknown(NotFound):
    """This source is not asked for anything."""

    code = "pull_unknown"


class PullAddressRefused(Invalid):
    """A source is asked at an https address that names a host of the public Internet."""

    code = "pull_address_refused"


class PullFailed(AmisError):
    """The source could not be asked, or its answer is not as agreed."""

    code = "pull_failed"
    status = 502

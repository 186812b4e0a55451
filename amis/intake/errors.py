"""What the intake refuses as a whole; what is wrong with one event is a line of the answer."""

from amis.kernel.errors import Conflict, Invalid, Malformed, NotFound, TooLarge, Unauthenticated, UnsupportedMedia


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

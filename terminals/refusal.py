"""Why a credential was refused, in the words of the decision: the same online and at a terminal."""

from collections.abc import Mapping
from types import MappingProxyType

from cards import errors
from rules.reason import Reason

REASONS: Mapping[type[errors.CredentialRefused], Reason] = MappingProxyType(
    {
        errors.Malformed: Reason.MALFORMED,
        errors.UnknownKey: Reason.UNKNOWN_KEY,
        errors.BadSignature: Reason.BAD_SIGNATURE,
        errors.Expired: Reason.TOKEN_EXPIRED,
        errors.NotYetValid: Reason.TOKEN_NOT_ACTIVE,
        errors.Screenshot: Reason.SCREENSHOT,
        errors.PresentationStale: Reason.PRESENTATION_STALE,
        # a credential of another chip, or of a letter: copied
        errors.WrongCarrier: Reason.BAD_SIGNATURE,
        errors.RightNotAllowed: Reason.BAD_SIGNATURE,
    }
)


def reason_of(refused: errors.CredentialRefused) -> Reason:
    """The reason that a refusal is told as."""
    return REASONS.get(type(refused), Reason.MALFORMED)

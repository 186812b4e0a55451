"""What a terminal was shown, as far as the text itself can tell: whom to look up, or why it is refused at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from amis.validating.body import Number, Shown, TokenText
from cards import credential, errors, number
from cards.trust import Trust
from rules.claim import Proof
from rules.reason import Reason

REASONS: Mapping[type[errors.CredentialRefused], Reason] = {
    errors.Malformed: Reason.MALFORMED,
    errors.UnknownKey: Reason.UNKNOWN_KEY,
    errors.BadSignature: Reason.BAD_SIGNATURE,
    errors.Expired: Reason.TOKEN_EXPIRED,
    errors.NotYetValid: Reason.TOKEN_NOT_ACTIVE,
    errors.Screenshot: Reason.SCREENSHOT,
    errors.PresentationStale: Reason.PRESENTATION_STALE,
    errors.WrongCarrier: Reason.SCREENSHOT,
    errors.RightNotAllowed: Reason.BAD_SIGNATURE,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`number`, or `list`, `index` and `cti` (hex) name a token; `refused` says that nothing needs to be looked up."""

    proof: Proof = Proof.NONE
    refused: Reason | None = None
    number: str | None = None
    list: int | None = None
    index: int | None = None
    cti: str | None = None
    municipality: str | None = None
    replay: str | None = None
    photo_id: bool = False


def examine(token: TokenText | Shown | None, trust: Trust, at: datetime) -> Evidence:
    """The evidence in what was shown at the aware time `at`; never raises for what a stranger can show."""
    if token is None:
        return _NOTHING
    try:
        if isinstance(token, str):
            return _credential(token, trust, at) if token.startswith(("AM1:", "AM2:")) else _number(token)
        if token.qr is not None:
            return _credential(token.qr, trust, at) if not token.qr.startswith(number.PREFIX) else _number(token.qr)
        written: Number | None = token.card or token.eid
        return _number("" if written is None else written.number)
    except errors.CredentialRefused as refused:
        return Evidence(refused=REASONS.get(type(refused), Reason.MALFORMED))


_NOTHING = Evidence()


def _number(text: str) -> Evidence:
    return Evidence(number=number.parse_number(text))


def _credential(text: str, trust: Trust, at: datetime) -> Evidence:
    verified = credential.verify(text, trust, at)
    key, cti = verified.replay_key, verified.cti
    return Evidence(
        proof=Proof.STATIC if key is None else Proof.DEVICE,
        list=verified.status_list,
        index=verified.status_index,
        cti=None if cti is None else cti.hex(),
        municipality=verified.municipality,
        replay=None if key is None else sha256(repr(key).encode()).hexdigest(),
        photo_id=verified.claims.photo_id,
    )

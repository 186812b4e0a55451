"""What a terminal was shown, as far as the text itself can tell: whom to look up, or why it is refused at once."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from amis.validating.body import CHIP_TIER, Card, Number, Shown, TokenText
from cards import credential, errors, number
from cards.trust import Trust
from rules.claim import Proof
from rules.reason import Reason
from terminals.refusal import reason_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """`number`, `list` and `index`, or `uid` (hex) alone name a token; `cti` (hex) and `uid` must belong to it.

    `refused` says that nothing needs to be looked up.
    """

    proof: Proof = Proof.NONE
    refused: Reason | None = None
    number: str | None = None
    list: int | None = None
    index: int | None = None
    cti: str | None = None
    uid: str | None = None
    municipality: str | None = None
    replay: str | None = None
    photo_id: bool = False


def examine(token: TokenText | Shown | None, trust: Trust, at: datetime) -> Evidence:
    """The evidence in what was shown at the aware time `at`; never raises for what a stranger can show."""
    if token is None:
        return _NOTHING
    try:
        if isinstance(token, str):
            return _credential(token, trust, at) if token.startswith(("AM1:", "AM2:")) else _numbered(token)
        if token.qr is not None:
            return _credential(token.qr, trust, at) if not token.qr.startswith(number.PREFIX) else _numbered(token.qr)
        return _number(token.eid) if token.card is None else _card(token.card, trust, at)
    except errors.CredentialRefused as refused:
        return Evidence(refused=reason_of(refused))


_NOTHING = Evidence()


def _number(eid: Number | None) -> Evidence:
    return _numbered("" if eid is None else eid.number)


def _numbered(text: str) -> Evidence:
    return Evidence(number=number.parse_number(text))


def _card(card: Card, trust: Trust, at: datetime) -> Evidence:
    proof = Proof.CHIP if card.tier == CHIP_TIER else Proof.STATIC
    if card.uid is not None and card.credential is not None:
        try:
            verified = credential.verify_card(card.credential, bytes.fromhex(card.uid), trust, at)
            return _said(verified, proof, uid=card.uid)
        except errors.Expired:
            if proof is Proof.STATIC:
                raise
    # a chip that has proved itself needs no credential: what its holder may do is in the register
    return Evidence(proof, uid=card.uid) if proof is Proof.CHIP else _numbered(card.number or "")


def _credential(text: str, trust: Trust, at: datetime) -> Evidence:
    verified = credential.verify(text, trust, at)
    if verified.presentation is None:
        return _said(verified, Proof.STATIC)
    replay = replay_key(verified.claims.status, verified.presentation.iat)
    return _said(verified, Proof.DEVICE, replay=replay)


def replay_key(status: int, presented: int) -> str:
    """The name (hex) under which a presentation is taken once: whose it is, and the second (Unix) of its making."""
    return sha256(f"{status}/{presented}".encode()).hexdigest()


def _said(
    verified: credential.Verified, proof: Proof, *, uid: str | None = None, replay: str | None = None
) -> Evidence:
    cti = verified.cti
    return Evidence(
        proof=proof,
        list=verified.status_list,
        index=verified.status_index,
        cti=None if cti is None else cti.hex(),
        uid=uid,
        municipality=verified.municipality,
        replay=replay,
        photo_id=verified.claims.photo_id,
    )

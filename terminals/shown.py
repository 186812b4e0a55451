"""What the terminal was shown, as far as it can tell alone: a credential, a card of its snapshot, or nothing known."""

from dataclasses import dataclass, replace
from datetime import datetime

from cards import credential, errors
from cards.number import parse_number
from cards.presentation import PREFIX as PRESENTED
from rules.claim import Proof
from rules.decision import local
from rules.period import EMPTY, Days, Period
from rules.reason import Reason
from terminals.bundle.holding import Holding
from terminals.bundle.snapshot import DEAD, Profile
from terminals.message import CardShown
from terminals.refusal import reason_of

PROVED = 1


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A public tariff code and its days; `modes` and `flags` None where the token cannot say them."""

    code: int
    periods: Days
    modes: frozenset[str] | None = None
    flags: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a token proves by itself and by the snapshot; nothing of it is a decision yet.

    `refused`: it proves nothing, and why. `who` is one holder's token for this terminal's memory, whatever way it is
    shown. `status` is its number in the status lists, `cti` and `uid` are hex, `presented` the Unix second of a phone's
    presentation and `replay_key` what it may be taken under once. `photo_id` asks for a look at the holder. `online`:
    its rights are to be asked for. `dead`: the snapshot says that it is blocked. `current`: its rights are those of the
    snapshot, so it does not matter whether signed ones have changed since. `number` is one that only the service knows.
    """

    refused: Reason | None = None
    proof: Proof = Proof.NONE
    who: str | None = None
    municipality: str | None = None
    rights: tuple[ShownRight, ...] = ()
    status: int | None = None
    cti: str | None = None
    uid: str | None = None
    presented: int | None = None
    replay_key: str | None = None
    photo_id: bool = False
    online: bool = False
    dead: bool = False
    current: bool = False
    number: str | None = None


_NOTHING = Evidence()


def read(token: str | CardShown | None, holding: Holding, at: datetime) -> Evidence:
    """The evidence in what was shown at the aware time `at`; never raises for what a stranger can show."""
    if token is None:
        return _NOTHING
    if isinstance(token, CardShown):
        return _card(token, holding, at)
    try:
        if token.startswith((credential.PREFIX, PRESENTED)):
            return _said(credential.verify(token, holding.trust, at, holding.floor))
        return Evidence(refused=Reason.ONLINE_REQUIRED, number=parse_number(token))
    except errors.CredentialRefused as refused:
        return Evidence(refused=_told(refused, holding, at))


def _told(refused: errors.CredentialRefused, holding: Holding, at: datetime) -> Reason:
    # keys are published days before they sign: only a terminal that is behind can miss one
    if isinstance(refused, errors.UnknownKey) and holding.stale(at):
        return Reason.ONLINE_REQUIRED
    return reason_of(refused)


def _said(verified: credential.Verified) -> Evidence:
    claims, presentation = verified.claims, verified.presentation
    return Evidence(
        proof=Proof.STATIC if presentation is None else Proof.DEVICE,
        who=f"status {claims.status}",
        municipality=verified.municipality,
        rights=_promised(verified),
        status=claims.status,
        cti=None if claims.cti is None else claims.cti.hex(),
        presented=None if presentation is None else presentation.iat,
        replay_key=None if presentation is None else f"{verified.kid.hex()} {claims.status} {presentation.iat}",
        photo_id=claims.photo_id,
        online=claims.online,
    )


def _promised(verified: credential.Verified) -> tuple[ShownRight, ...]:
    first, _ = local(verified.issued)
    return tuple(
        ShownRight(right.code, EMPTY if right.until < first else Days.of(Period.inclusive(first, right.until)))
        for right in verified.rights
    )


def _card(shown: CardShown, holding: Holding, at: datetime) -> Evidence:
    uid, proof = shown.uid.hex(), Proof.CHIP if shown.tier == PROVED else Proof.STATIC
    by_uid = _listed(Evidence(proof=proof, who=f"uid {uid}", uid=uid), shown.uid, holding, at)
    if not shown.credential:
        return by_uid
    try:
        verified = credential.verify_card(shown.credential, shown.uid, holding.trust, at, holding.floor)
    except errors.Expired as refused:
        # a chip that has proved itself needs no credential
        return by_uid if proof is Proof.CHIP else Evidence(refused=reason_of(refused), uid=uid)
    except errors.CredentialRefused as refused:
        return Evidence(refused=_told(refused, holding, at), uid=uid)
    said = replace(_said(verified), proof=proof, who=f"uid {uid}", uid=uid)
    if by_uid.current:
        return replace(said, rights=by_uid.rights, online=False, current=True)
    return replace(said, online=said.online or by_uid.online, dead=by_uid.dead)


def _listed(card: Evidence, uid: bytes, holding: Holding, at: datetime) -> Evidence:
    """What the snapshot says of a card."""
    snapshot = holding.snapshot
    number = None if snapshot is None else snapshot.profile(uid)
    if snapshot is None or number is None:
        behind = snapshot is None or holding.stale(at)
        return replace(card, refused=Reason.ONLINE_REQUIRED if behind else Reason.UNKNOWN_TOKEN)
    if number == DEAD:
        return replace(card, dead=True)
    profile = snapshot.profiles.get(number)
    if profile is None:
        return replace(card, refused=Reason.ONLINE_REQUIRED, online=True)
    return replace(card, municipality=profile.municipality, rights=_rights(profile), current=True)


def _rights(profile: Profile) -> tuple[ShownRight, ...]:
    return tuple(ShownRight(right.code, right.periods, right.modes, right.flags) for right in profile.rights)

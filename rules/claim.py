"""What a decision is made of: the tap, the holder's rights, what is remembered, and the terminal. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from rules.period import EMPTY, Days
from rules.reason import Reason
from rules.tariff import Discount, Quota
from rules.terms import Place

Counter = tuple[str, date]  # concession code and first day of the quota window
LOST_RACE = 1_000_000_000  # put into Memory.taken when another tap took the last unit first
_NONE: Mapping[Counter, int] = MappingProxyType({})


class Proof(StrEnum):
    """How hard what was shown is to copy: nothing shown, a picture, a signing device, an authenticated chip."""

    NONE = "none"
    STATIC = "static"
    DEVICE = "device"
    CHIP = "chip"


class TokenState(StrEnum):
    """What is known of the token itself; `none` = nothing was shown."""

    ACTIVE = "active"
    NOT_ACTIVE = "not_active"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    RIGHTS_CHANGED = "rights_changed"  # a signed right was shortened; only an offline terminal has to ask
    UNKNOWN = "unknown"
    NONE = "none"


def token_state(state: str, end_reason: str | None = None) -> TokenState:
    """The state for the decision from a token's life-cycle state (requested ... issued, active, blocked, ended)."""
    if state == "ended":
        return TokenState.EXPIRED if end_reason == "expired" else TokenState.BLOCKED
    return {"active": TokenState.ACTIVE, "blocked": TokenState.BLOCKED}.get(state, TokenState.NOT_ACTIVE)


@dataclass(frozen=True, slots=True)
class Tap:
    """One use asked for. `day` and `minute` are local (see `rules.decision.local`); `gross` is one person's price.

    `replay_key` names a presentation that may be taken once; None where a token shows nothing one-time.
    """

    at: datetime
    day: date
    minute: int
    place: Place
    product: str
    gross: Decimal
    companions: int = 0
    proof: Proof = Proof.NONE
    replay_key: str | None = None


@dataclass(frozen=True, slots=True)
class EntitlementClaim:
    """A right of the holder, ready for a verdict. `code` is unique among the rights of one holder.

    `suspended` are days on which an order suspends it, `modes` the modes the holder has chosen (empty = none chosen),
    `flags` what lifts a limit of the terms, `priority` the place in the order of use (1 before 2), `since` the first
    day from which the terms carry unused uses over.
    """

    code: str
    revision: int
    grantor: str
    periods: Days
    discount: Discount
    quota: Quota | None = None
    priority: int = 100
    suspended: Days = EMPTY
    modes: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    since: date = date.min


@dataclass(frozen=True, slots=True)
class Holder:
    """A token's state, the rights of its person that this provider accepts, and those of everybody (without quota)."""

    token_state: TokenState
    entitlements: tuple[EntitlementClaim, ...] = ()
    universal: tuple[EntitlementClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class LastTap:
    """An earlier accepted tap of the same holder."""

    at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Memory:
    """What happened before: units used, taken earlier in this batch, not yet sent, last accepts, presentations seen.

    A unit is a use, or 0.0001 EUR of a money allowance (see `rules.quota`). The counters may hold more windows than
    are needed; absent means 0. `reserved` are units set aside for this terminal, or in this chip, and not used yet:
    offline they alone limit their counter.
    """

    used: Mapping[Counter, int] = field(default_factory=lambda: _NONE)
    taken: Mapping[Counter, int] = field(default_factory=lambda: _NONE)
    unsynced: Mapping[Counter, int] = field(default_factory=lambda: _NONE)
    last: tuple[LastTap, ...] = ()
    seen: frozenset[str] = frozenset()
    reserved: Mapping[Counter, int] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class TerminalState:
    """The terminal's own state and its policy. `amnesty` are the days on which blocked tokens are still taken.

    A picture shown again within `copy_seconds` and `copy_metres` away asks for a look at the photo.
    """

    online: bool = True
    stale: bool = False
    clock_doubtful: bool = False
    amnesty: Days = EMPTY
    list_seq: int | None = None
    expires_soon_days: int = 14
    pass_back_seconds: int = 0
    copy_seconds: int = 120
    copy_metres: int = 500


class Verdict(StrEnum):
    """Taken, taken with a warning, or no concession (the full price is due)."""

    ACCEPT = "ACCEPT"
    ACCEPT_WARN = "ACCEPT_WARN"
    DENY = "DENY"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. `payable` is the holder's own price; each companion accepted pays nothing, each refused pays gross.

    `code` and `window` name the right used and the quota counter it takes `units` from; None = none. `quota_left` is
    what the counter still allows: uses, or whole cents of a money allowance.
    """

    verdict: Verdict
    reason: Reason
    payable: Decimal
    companions: int = 0
    quota_left: int | None = None
    check_photo: bool = False
    list_seq: int | None = None
    code: str | None = None
    window: date | None = None
    units: int = 0


__all__ = [
    "LOST_RACE",
    "Counter",
    "Decision",
    "EntitlementClaim",
    "Holder",
    "LastTap",
    "Memory",
    "Place",
    "Proof",
    "Tap",
    "TerminalState",
    "TokenState",
    "Verdict",
    "token_state",
]

"""One right tried on one tap: the checks it has to pass, its price, and how it compares with the holder's others."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import cos, hypot, radians

from rules.claim import Counter, Decision, EntitlementClaim, LastTap, Memory, Proof, Tap, TerminalState, Verdict
from rules.quota import UNITS, euros
from rules.reason import Reason
from rules.terms import Amber, Terms

UNKNOWN_TERMS = Terms()
_METRES_A_DEGREE = 111_195.0
_UNITS_A_CENT = UNITS // 100
# Python 3.11 looks an enum member up through a property: names of this module keep that off the hot path
_OK, _SOON, _AMNESTY = Reason.OK, Reason.OK_EXPIRES_SOON, Reason.OK_AMNESTY
_ACCEPT, _WARN = Verdict.ACCEPT, Verdict.ACCEPT_WARN
_STATIC, _WITH_ID, _DENY = Proof.STATIC, Amber.GRANT_WITH_ID, Amber.DENY


@dataclass(slots=True)
class Attempt:
    """A right, its terms and the tap, with all that the checks look at. Made for one decision and thrown away.

    `counter` is the quota counter of the tap's window and `left` its units before this tap; None without a quota.
    `money`: those units are an allowance of money, and the holder pays what it does not cover.
    """

    claim: EntitlementClaim
    terms: Terms
    tap: Tap
    memory: Memory
    terminal: TerminalState
    doubt: Reason
    counter: Counter | None = field(init=False, default=None)
    left: int | None = field(init=False, default=None)
    money: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        claim, day = self.claim, self.tap.day
        if (quota := claim.quota) is None:
            return
        key = self.counter = claim.code, quota.window(day, claim.periods)
        if self.set_aside():
            self.left = self.memory.reserved[key]
        else:
            most = quota.limit(day, claim.periods, claim.since)
            self.left = max(0, most - self.memory.used.get(key, 0) - self.memory.taken.get(key, 0))
        self.money = quota.amount is not None

    def refusal(self) -> Reason:
        """The first check that fails, OK when none does; last, whether the concession forbids use in doubt."""
        for fails, reason in RIGHT_CHECKS:
            if fails(self):
                return reason
        return self.doubt if self.doubt and self._forbids_doubt() else _OK

    def price(self) -> Decimal:
        """What the holder pays with this right."""
        price = self.claim.discount.price(self.tap.gross, self.tap.product)
        if self.money and self.left is not None:
            return max(price, self.tap.gross - euros(self.left))
        return price

    def companions(self) -> int:
        """How many of the companions it takes along: of an allowance, as many as what is left pays for."""
        along = self.tap.companions
        if not along or self.terms.universal:
            return along
        along = min(along, self.terms.companions)
        if self.money and self.left is not None and self.tap.gross:
            return min(along, int((euros(self.left) + self.price()) / self.tap.gross) - 1)
        return along

    def units(self) -> int:
        """How many units of its counter it takes: one for a use, of an allowance the discount of all who go along."""
        if not self.money:
            return 0 if self.left is None else 1
        return int((self.tap.gross * (1 + self.companions()) - self.price()) * UNITS)

    def preference(self) -> tuple[Decimal, bool, int, bool, date, str, int, str]:
        """Smaller is better: price of all who travel, no quota for a free ride, priority, no quota, expiry, code."""
        claim, price = self.claim, self.price()
        total = price + self.tap.gross * (self.tap.companions - self.companions())
        burns = claim.quota is not None
        ends = claim.periods.next_change(self.tap.day) or date.max
        return total, burns and not price, claim.priority, burns, ends, claim.code, claim.revision, claim.grantor

    def decision(self) -> Decision:
        """The decision when this right is the one used."""
        doubt, units = self.doubt, self.units()
        return Decision(
            _WARN if doubt else _ACCEPT,
            doubt or self._ending(),
            self.price(),
            self.companions() if self.tap.companions else 0,
            None if self.left is None else (self.left - units) // _UNITS_A_CENT if self.money else self.left - units,
            self._asks_for_photo(),
            self.terminal.list_seq,
            self.claim.code,
            None if self.counter is None else self.counter[1],
            units,
        )

    def set_aside(self) -> bool:
        """Whether its units are set aside here: what nobody else can take needs neither a count nor a cap."""
        return not self.terminal.online and self.counter in self.memory.reserved

    def _forbids_doubt(self) -> bool:
        # an amnesty is itself a permission; the other doubts follow the concession's policy
        return self.doubt is not _AMNESTY and self.terms.offline.amber is _DENY

    def _asks_for_photo(self) -> bool:
        doubtful = bool(self.doubt) and self.terms.offline.amber is _WITH_ID
        return self.terms.check_photo or doubtful or (bool(self.memory.last) and _copied(self))

    def _ending(self) -> Reason:
        ends = self.claim.periods.next_change(self.tap.day)
        soon = ends is not None and (ends - self.tap.day).days <= self.terminal.expires_soon_days
        return _SOON if soon else _OK


def _not_that_day(use: Attempt) -> bool:
    return use.tap.day not in use.claim.periods


def _suspended(use: Attempt) -> bool:
    return use.tap.day in use.claim.suspended


def _terms_not_known(use: Attempt) -> bool:
    return use.terms is UNKNOWN_TERMS


def _not_here(use: Attempt) -> bool:
    return not use.terms.covers(use.tap.place)


def _mode_not_chosen(use: Attempt) -> bool:
    return (use.terms.holder_mode or bool(use.claim.modes)) and use.tap.place.mode not in use.claim.modes


def _not_for_this(use: Attempt) -> bool:
    return bool(use.terms.products) and use.tap.product not in use.terms.products


def _not_now(use: Attempt) -> bool:
    return not use.terms.open_at(use.tap.day, use.tap.minute, use.claim.flags)


def _never_offline(use: Attempt) -> bool:
    # no terminal knows alone what another has taken of a sum of money
    return not use.terminal.online and (use.terms.offline.online_only or use.money)


def _unsent_enough(use: Attempt) -> bool:
    # the cap on uses not yet sent is what bounds overspend while terminals are offline
    if use.terminal.online or use.counter is None or use.set_aside():
        return False
    return use.memory.unsynced.get(use.counter, 0) >= use.terms.offline.cap


def _used_up(use: Attempt) -> bool:
    return use.left == 0


def _passed_back(use: Attempt) -> bool:
    window = max(use.terms.pass_back_seconds, use.terminal.pass_back_seconds) if use.memory.last else 0
    return window > 0 and any(_seconds(use.tap, last) < window for last in use.memory.last)


RIGHT_CHECKS: tuple[tuple[Callable[[Attempt], bool], Reason], ...] = (
    (_not_that_day, Reason.NO_ENTITLEMENT),
    (_suspended, Reason.ENTITLEMENT_SUSPENDED),
    (_terms_not_known, Reason.ONLINE_REQUIRED),
    (_not_here, Reason.OUT_OF_SCOPE),
    (_mode_not_chosen, Reason.OUT_OF_SCOPE),
    (_not_for_this, Reason.OUT_OF_SCOPE),
    (_not_now, Reason.OUT_OF_TIME),
    (_never_offline, Reason.ONLINE_REQUIRED),
    (_unsent_enough, Reason.ONLINE_REQUIRED),
    (_used_up, Reason.QUOTA_USED),
    (_passed_back, Reason.PASSBACK),
)


def _seconds(tap: Tap, last: LastTap) -> float:
    # taps from offline terminals arrive out of order: distance in time, in either direction
    return abs((tap.at - last.at).total_seconds())


def _copied(use: Attempt) -> bool:
    """A picture seen a moment ago too far away to be the same paper."""
    if use.tap.proof is not _STATIC:
        return False
    policy = use.terminal
    return any(
        _seconds(use.tap, last) <= policy.copy_seconds and _metres(use.tap, last) >= policy.copy_metres
        for last in use.memory.last
    )


def _metres(tap: Tap, last: LastTap) -> float:
    """Distance on a flat projection, exact enough inside one country; 0 where a place has no coordinates."""
    here, there = tap.place, last.place
    if here.lat is None or here.lon is None or there.lat is None or there.lon is None:
        return 0.0
    east = (here.lon - there.lon) * cos(radians(here.lat))
    return hypot(here.lat - there.lat, east) * _METRES_A_DEGREE

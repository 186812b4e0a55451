"""The one decider: what a tap is worth, the same on the server and offline.

`decide` asks the checks of the tap (token, replay, the terminal's own state), then tries each right of the holder with
the checks of `rules.attempt`, farthest from yes first. The best right that passes is used; if none passes, the reason
nearest to yes is told. What everybody may use needs no token, so a bad one takes nothing away from it. DENY means "no
concession": the full price is due.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules.attempt import UNKNOWN_TERMS, Attempt
from rules.claim import Decision, Holder, Memory, Tap, TerminalState, TokenState, Verdict
from rules.errors import NaiveMoment
from rules.reason import Reason
from rules.terms import Terms

AllTerms = Mapping[tuple[str, int], Terms]  # by concession code and revision
RIGA = ZoneInfo("Europe/Riga")
# Python 3.11 looks an enum member up through a property: names of this module keep that off the hot path
_OK, _PASSBACK, _NO_ENTITLEMENT = Reason.OK, Reason.PASSBACK, Reason.NO_ENTITLEMENT
_ACTIVE = TokenState.ACTIVE
_NOTHING = Memory()  # who rides as everybody does is not known, so has no history


def local(at: datetime) -> tuple[date, int]:
    """The business day and the minute of the day in Riga. Raises NaiveMoment.

    >>> local(datetime(2026, 5, 31, 21, 1, tzinfo=UTC))
    (datetime.date(2026, 6, 1), 1)
    """
    if at.tzinfo is None:
        raise NaiveMoment(at.isoformat())
    return _local(int(at.timestamp() // 60))


@lru_cache(maxsize=256)
def _local(minute: int) -> tuple[date, int]:
    there = datetime.fromtimestamp(minute * 60, UTC).astimezone(RIGA)
    return there.date(), there.hour * 60 + there.minute


def decide(tap: Tap, holder: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState) -> Decision:
    """Decide one tap. Total: every input gives an answer; a right whose terms are not known here asks to go online."""
    refused = doubt = _OK
    for look in TAP_CHECKS:
        if found := look(tap, holder, memory, terminal):
            if found < _PASSBACK:
                doubt = max(doubt, found)
            else:
                refused = refused or found
    usable: list[Attempt] = []
    nearest = refused or _NO_ENTITLEMENT
    for claim in () if refused else holder.entitlements:
        use = Attempt(claim, terms.get((claim.code, claim.revision), UNKNOWN_TERMS), tap, memory, terminal, doubt)
        if refusal := use.refusal():
            nearest = min(nearest, refusal)
        else:
            usable.append(use)
    for claim in holder.universal:
        use = Attempt(claim, terms.get((claim.code, claim.revision), UNKNOWN_TERMS), tap, _NOTHING, terminal, doubt)
        # on all other days it is no reason: nobody asked for it
        if not use.refusal():
            usable.append(use)
    if not usable:
        return _refused(tap, terminal, nearest)
    return (usable[0] if len(usable) == 1 else min(usable, key=Attempt.preference)).decision()


def _refused(tap: Tap, terminal: TerminalState, reason: Reason) -> Decision:
    if reason is Reason.NO_ENTITLEMENT and tap.companions:
        reason = Reason.COMPANION_WITHOUT_HOLDER
    left = 0 if reason is Reason.QUOTA_USED else None
    return Decision(Verdict.DENY, reason, tap.gross, 0, left, False, terminal.list_seq)


_TOKEN: Mapping[TokenState, Reason] = {
    TokenState.NOT_ACTIVE: Reason.TOKEN_NOT_ACTIVE,
    TokenState.BLOCKED: Reason.TOKEN_BLOCKED,
    TokenState.EXPIRED: Reason.TOKEN_EXPIRED,
    TokenState.RIGHTS_CHANGED: Reason.RIGHTS_CHANGED,
    TokenState.UNKNOWN: Reason.UNKNOWN_TOKEN,
    TokenState.NONE: Reason.NO_ENTITLEMENT,
}


def _token(tap: Tap, holder: Holder, _: Memory, terminal: TerminalState) -> Reason:
    if holder.token_state is _ACTIVE:
        return _OK
    reason = _TOKEN[holder.token_state]
    if reason is Reason.TOKEN_BLOCKED and tap.day in terminal.amnesty:
        return Reason.OK_AMNESTY
    # online the rights come from the register, so a changed signed right no longer matters
    return _OK if reason is Reason.RIGHTS_CHANGED and terminal.online else reason


def _replayed(tap: Tap, _: Holder, memory: Memory, __: TerminalState) -> Reason:
    return Reason.REPLAY if tap.replay_key is not None and tap.replay_key in memory.seen else _OK


def _doubtful(_: Tap, __: Holder, ___: Memory, terminal: TerminalState) -> Reason:
    if terminal.clock_doubtful:
        return Reason.CLOCK
    return Reason.TERMINAL_STALE if terminal.stale else _OK


TAP_CHECKS: tuple[Callable[[Tap, Holder, Memory, TerminalState], Reason], ...] = (_token, _replayed, _doubtful)

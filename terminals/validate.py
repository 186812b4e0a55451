"""The one offline path: from a tap and what was shown with it to the decision, by what the terminal holds."""

from dataclasses import replace
from datetime import datetime, timedelta

from rules.claim import Decision, Memory, TerminalState, Verdict
from rules.claim import Tap as AskedTap
from rules.decision import decide, local
from rules.reason import Reason
from terminals.bundle.holding import Holding
from terminals.bundle.policy import Policy
from terminals.message import Tap
from terminals.rights import holder_of, unlisted
from terminals.shown import Evidence


def decide_offline(
    tap: Tap, evidence: Evidence, holding: Holding, memory: Memory, at: datetime, *, clock_doubtful: bool = False
) -> Decision:
    """Decides a tap at the aware time `at`, by the bundle and this terminal's memory alone; never raises.

    `clock_doubtful`: the terminal knows otherwise that its clock is wrong. Without a policy, or at a place that it does
    not know, it asks to go online.
    """
    policy, place = holding.policy, holding.place(tap.place)
    if policy is None or place is None:
        return Decision(Verdict.DENY, Reason.ONLINE_REQUIRED, tap.gross, list_seq=holding.seq)
    when, doubtful = believed(tap.at, at, holding.floor, policy)
    day, minute = local(when)
    asked = AskedTap(
        when, day, minute, place, tap.product, tap.gross, tap.companions, evidence.proof, evidence.replay_key
    )
    terminal = TerminalState(
        online=False,
        stale=holding.stale(at) or unlisted(evidence, holding),
        clock_doubtful=doubtful or clock_doubtful,
        amnesty=policy.amnesty_of(evidence.municipality),
        list_seq=holding.seq,
        expires_soon_days=policy.expires_soon_days,
        pass_back_seconds=policy.pass_back_seconds,
        copy_seconds=policy.copy_seconds,
        copy_metres=policy.copy_metres,
    )
    holder, terms = holder_of(evidence, holding, day, minute)
    decision = decide(asked, holder, terms, memory, terminal)
    if decision.verdict is Verdict.DENY:
        return decision if evidence.refused is None else replace(decision, reason=evidence.refused)
    own = any(claim.code == decision.code for claim in holder.entitlements)
    return replace(decision, check_photo=decision.check_photo or (own and evidence.photo_id))


def believed(tapped: datetime, at: datetime, floor: datetime, policy: Policy) -> tuple[datetime, bool]:
    """When a tap was, and whether the clock is in doubt.

    The present is `at`, but never before `floor`, the newest moment that was signed; a clock that is more than
    `clock_behind` before it is wrong. A tap is believed from `clock_behind` before to `clock_ahead` after the present.
    """
    present = max(at, floor)
    behind, ahead = timedelta(seconds=policy.clock_behind), timedelta(seconds=policy.clock_ahead)
    doubtful = floor - at > behind or not -ahead <= present - tapped <= behind
    return (present, True) if doubtful else (tapped, False)

"""A tap that the terminal decides alone: by the bundle and its own journal, and what is written down about it."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rules.claim import Decision, Verdict
from rules.decision import local
from rules.reason import Reason
from rules.screen import screen
from terminals.bundle.holding import Holding
from terminals.bundle.policy import Policy, Revision
from terminals.chip_units import CHIP, Chip
from terminals.clock import Clock
from terminals.journal import Journal
from terminals.line import Decided
from terminals.message import Answer, Tap
from terminals.remembered import Use
from terminals.shown import Evidence, read
from terminals.validate import believed, decide_offline

LANGUAGES = ("lv", "en")
_LONGEST_TEXT = 4096
_TOLD = ("status", "cti", "presented", "uid", "number")


@dataclass(frozen=True, slots=True)
class Asked:
    """A tap under its number: the request about it, what was shown, and when; `at` is the present moment.

    `when` is what is believed of the tap's own time.
    """

    seq: int
    body: bytes
    tap: Tap
    evidence: Evidence
    at: datetime
    when: datetime
    clock_doubtful: bool = False


def look_at(seq: int, body: bytes, tap: Tap, holding: Holding, clock: Clock) -> Asked:
    """A tap that was begun, looked at by what is held."""
    policy, at = holding.policy, clock.now()
    if policy is None:
        return Asked(seq, body, tap, read(tap.token, holding, at), at, tap.at)
    doubtful = clock.doubtful(at, holding.floor, timedelta(seconds=policy.clock_behind))
    when, wrong = believed(tap.at, at, holding.floor, policy)
    return Asked(seq, body, tap, read(tap.token, holding, when), at, when, doubtful or wrong)


def decide_alone(
    asked: Asked, holding: Holding, journal: Journal, chip: Chip | None = None
) -> tuple[Decided, Use | None]:
    """The decision with what it lets happen; nothing is written down yet. Without a policy all is refused.

    `chip`: units on the card itself, which it then takes from.
    """
    policy, evidence = holding.policy, asked.evidence
    if policy is None:
        return refused_alone(asked, holding.seq), None
    # the floor may have risen since the tap was looked at
    when, _ = believed(asked.tap.at, asked.at, holding.floor, policy)
    memory = journal.memory(evidence.who or "", when, evidence.replay_key)
    if chip is not None:
        memory = replace(memory, reserved={**memory.reserved, chip.counter: chip.units})
    decision = decide_offline(asked.tap, evidence, holding, memory, asked.at, clock_doubtful=asked.clock_doubtful)
    revision = _revision(policy, decision, when)
    if revision is not None and revision.terms.universal:
        # who rides as everybody may is nobody's business, even where a token was shown
        return _written(asked, Evidence(), decision, revision), None
    counter = None if decision.code is None or decision.window is None else (decision.code, decision.window)
    name = CHIP if chip is not None and counter == chip.counter and decision.units else None
    if name is None and counter in memory.reserved:
        reserve = journal.reserve_of(evidence.who or "", counter, when)
        name = None if reserve is None else reserve.id
    decided = _written(asked, evidence, decision, revision, name, sampled=_sampled(policy, asked.body))
    use = _use(asked, decision.verdict, holding)
    return decided, None if use is None else replace(use, counter=counter, units=decision.units, reserve=name)


def _written(
    asked: Asked,
    evidence: Evidence,
    decision: Decision,
    revision: Revision | None = None,
    reserve: str | None = None,
    *,
    sampled: bool = False,
) -> Decided:
    return Decided(
        asked.seq,
        asked.body,
        asked.tap,
        named(evidence),
        evidence.proof,
        decision,
        None if revision is None else revision.revision,
        reserve,
        asked.clock_doubtful,
        sampled,
    )


def refused_alone(asked: Asked, list_seq: int | None = None) -> Decided:
    """What is left where a terminal knows nothing, or cannot say any more what it knew: it has to ask online."""
    decision = Decision(Verdict.DENY, Reason.ONLINE_REQUIRED, asked.tap.gross, list_seq=list_seq)
    return _written(asked, asked.evidence, decision)


def use_told(asked: Asked, answer: Answer, holding: Holding, journal: Journal) -> Use | None:
    """What is remembered of a tap that the service has decided.

    Where the terminal would have used the same right at the same price, its count of that quota becomes the service's.
    """
    decided, alone = decide_alone(asked, holding, journal)
    use = _use(asked, answer.verdict, holding)
    same = decided.decision.verdict == answer.verdict and decided.decision.payable == answer.payable
    if use is None or alone is None or alone.counter is None or alone.reserve or answer.quota_left is None or not same:
        return use
    elsewhere = (decided.decision.quota_left or 0) - answer.quota_left
    return replace(use, counter=alone.counter, units=max(0, alone.units + elsewhere))


def _use(asked: Asked, verdict: str, holding: Holding) -> Use | None:
    """An accepted tap of a known token."""
    evidence, place = asked.evidence, holding.place(asked.tap.place)
    if verdict == Verdict.DENY or evidence.who is None or evidence.refused is not None or place is None:
        return None
    return Use(evidence.who, asked.when, place, evidence.replay_key)


def answer_of(decided: Decided) -> Answer:
    """The decision as the driver sees it, in the words that the service uses."""
    decision, gross = decided.decision, decided.tap.gross
    return Answer(
        seq=decided.seq,
        verdict=decision.verdict.value,
        reason=decision.reason.name,
        payable=decision.payable,
        quota_left=decision.quota_left,
        check_photo=decision.check_photo,
        use=None,
        text={language: screen(decision, gross, language) for language in LANGUAGES},
        companions=decision.companions,
        online=False,
    )


def named(evidence: Evidence) -> dict[str, Any] | None:
    """What an upload says of the token; None where nothing of it names one."""
    told = {name: getattr(evidence, name) for name in _TOLD if getattr(evidence, name) is not None}
    return told or None


def _revision(policy: Policy, decision: Decision, when: datetime) -> Revision | None:
    if decision.code is None:
        return None
    day, _ = local(when)
    every = (revision for dated in policy.concessions.values() for revision in dated)
    return next(revision for revision in every if revision.code == decision.code and revision.holds(day))


def _sampled(policy: Policy, body: bytes) -> bool:
    return policy.sample > 0 and len(body) <= _LONGEST_TEXT and secrets.randbelow(policy.sample) == 0

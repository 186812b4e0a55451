"""Units on a chip in a decision without a connection: which counter they are of, and the event that a use leaves."""

from dataclasses import dataclass
from datetime import datetime

from cards.profile import LogRecord
from rules.claim import Counter
from rules.decision import local
from terminals.bundle.holding import Holding
from terminals.chip_card import OnChip
from terminals.rights import holder_of
from terminals.shown import Evidence

CHIP = "chip"
"""The name of the reserve that lies on the card itself, in lines of an upload."""


@dataclass(frozen=True, slots=True)
class Chip:
    """So many units of a counter that lie on the card which is decided about."""

    counter: Counter
    units: int


def chip_of(found: OnChip | None, evidence: Evidence, holding: Holding, when: datetime) -> Chip | None:
    """The units on a chip as a right of today counts them; None where there are none of this window."""
    policy, (day, minute) = holding.policy, local(when)
    revision = None if found is None or policy is None else policy.revision(found.concession, day)
    if found is None or revision is None or revision.quota is None or revision.quota.amount is not None:
        return None
    holder, _ = holder_of(evidence, holding, day, minute)
    claim = next((claim for claim in holder.entitlements if claim.code == revision.code), None)
    if claim is None:
        return None
    window = revision.quota.window(day, claim.periods)
    loaded, _ = local(found.at)
    return Chip((claim.code, window), found.value) if revision.quota.window(loaded, claim.periods) == window else None


def event(terminal: bytes, seq: int, at: datetime, concession: int) -> LogRecord:
    """What a use writes on the card; `terminal` as `terminals.chip_card.stamp` says it."""
    return LogRecord(at.replace(microsecond=0), terminal, concession, 0, 0, seq)

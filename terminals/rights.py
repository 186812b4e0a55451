"""From what a token proves to a holder: the token's state by the status lists, and what each right is worth here."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from cards.statuslist import RIGHTS_CHANGED, VALID
from rules.claim import EntitlementClaim, Holder, TokenState
from rules.decision import AllTerms
from rules.terms import Terms
from terminals.bundle.holding import Holding
from terminals.bundle.policy import Policy, Revision
from terminals.shown import Evidence, ShownRight

_LIST_BITS = 17
_NO_WORDS: frozenset[str] = frozenset()


def holder_of(evidence: Evidence, holding: Holding, day: date, minute: int) -> tuple[Holder, AllTerms]:
    """The holder on a local day and minute, with the terms of the rights; without a policy a holder of nothing.

    The terms are left out where the token cannot say whether they hold: such a right is to be asked for online.
    """
    policy = holding.policy
    if policy is None:
        return Holder(TokenState.UNKNOWN), {}
    universal = tuple(one.claim(one.days) for one in policy.universal if one.holds(day))
    terms = {(claim.code, claim.revision): policy.terms[claim.code, claim.revision] for claim in universal}
    mine: dict[tuple[str, int], EntitlementClaim] = {}
    for right, revision in _taken(evidence, policy, day):
        claim = revision.claim(right.periods, right.modes or _NO_WORDS, right.flags or _NO_WORDS)
        key = claim.code, claim.revision
        mine[key] = _together(mine[key], claim) if key in mine else claim
        if not evidence.online and _sayable(right, revision.terms, day, minute):
            terms[key] = revision.terms
    return Holder(token_state(evidence, holding), tuple(mine.values()), universal), terms


def token_state(evidence: Evidence, holding: Holding) -> TokenState:
    """What the bundle knows of the token itself; one that no list says anything of is taken as it is."""
    if evidence.who is None or evidence.refused is not None:
        return TokenState.NONE if evidence == Evidence() else TokenState.UNKNOWN
    status = _status(evidence, holding) or VALID
    if evidence.dead or status not in (VALID, RIGHTS_CHANGED):
        return TokenState.BLOCKED
    return TokenState.RIGHTS_CHANGED if status == RIGHTS_CHANGED and not evidence.current else TokenState.ACTIVE


def unlisted(evidence: Evidence, holding: Holding) -> bool:
    """Whether the terminal holds no word on a token whose credential says where its status stands."""
    return evidence.status is not None and not evidence.current and _status(evidence, holding) is None


def _status(evidence: Evidence, holding: Holding) -> int | None:
    if evidence.status is None:
        return None
    return holding.status(evidence.status >> _LIST_BITS, evidence.status & (1 << _LIST_BITS) - 1)


def _taken(evidence: Evidence, policy: Policy, day: date) -> Iterable[tuple[ShownRight, Revision]]:
    """The rights that this provider takes, with their revision of the day; what everybody has is nobody's own."""
    for right in evidence.rights:
        revision = policy.revision(right.code, day)
        if revision is not None and not revision.terms.universal:
            yield right, revision


def _together(one: EntitlementClaim, other: EntitlementClaim) -> EntitlementClaim:
    periods, modes, flags = one.periods | other.periods, one.modes | other.modes, one.flags | other.flags
    return replace(one, periods=periods, modes=modes, flags=flags)


def _sayable(right: ShownRight, terms: Terms, day: date, minute: int) -> bool:
    if right.modes is None and terms.holder_mode:
        return False
    return right.flags is not None or terms.waiver is None or terms.open_at(day, minute, _NO_WORDS)

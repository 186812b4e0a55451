"""How kinds, reasons and steps are called on pages; marked English texts by code."""

from collections.abc import Iterable, Mapping

from amis.issuing.models import Token
from amis.issuing.reasons import ENDED_BY_HAND, ReplaceReason, SpoilReason, UnblockReason
from amis.kernel.clock import today
from amis.web.i18n import mark, translate
from amis.web.labels import END_REASONS
from cards.token import BlockReason, Kind, State

KINDS: Mapping[str, str] = {
    Kind.QR: mark("QR code"),
    Kind.CARD: mark("Card"),
    Kind.EID: mark("eID card"),
}
BLOCK: Mapping[str, str] = {
    BlockReason.LOST: mark("Lost"),
    BlockReason.STOLEN: mark("Stolen"),
    BlockReason.MISUSE: mark("Misuse"),
    BlockReason.HOLDER_REQUEST: mark("The holder asked for it"),
    BlockReason.OFFICE: mark("Decision of the office"),
}
UNBLOCK: Mapping[str, str] = {
    UnblockReason.CLEARED: mark("Looked into, no misuse"),
    UnblockReason.HOLDER_REQUEST: mark("The holder asked for it"),
    UnblockReason.MISTAKE: mark("Blocked by mistake"),
}
REPLACE: Mapping[str, str] = {
    ReplaceReason.LOST: mark("Lost"),
    ReplaceReason.STOLEN: mark("Stolen"),
    ReplaceReason.DAMAGED: mark("Damaged"),
    ReplaceReason.RIGHTS_CHANGED: mark("The rights have changed"),
    ReplaceReason.RENEWAL: mark("It ends soon"),
}
LOST: Mapping[str, str] = {reason: BLOCK[reason] for reason in (BlockReason.LOST, BlockReason.STOLEN)}
"""Reasons for which a card is reported gone."""
SPOIL: Mapping[str, str] = {
    SpoilReason.DEFECTIVE: mark("The chip is defective"),
    SpoilReason.MISPRINTED: mark("Misprinted"),
    SpoilReason.WRONG_CARD: mark("The wrong card"),
}
SPOILED: Mapping[str, str] = {why: SPOIL[why] for why in (SpoilReason.DEFECTIVE, SpoilReason.MISPRINTED)}
"""Reasons for which a made card is thrown away."""
END: Mapping[str, str] = {reason: END_REASONS[reason] for reason in ENDED_BY_HAND}
STEPS: Mapping[str, str] = {
    "token.request": mark("Requested"),
    "token.approve": mark("Approved"),
    "token.produce": mark("Produced"),
    "token.issue": mark("Issued"),
    "token.activate": mark("Active"),
    "token.block": mark("Blocked"),
    "token.unblock": mark("Unblocked"),
    "token.end": mark("Ended"),
    "token.encode": mark("Work on the chip began"),
    "token.encoded": mark("The chip is written"),
    "token.spoil": mark("The chip was given up"),
    "token.rekey": mark("The keys of the chip were changed"),
    "token.update": mark("The chip was brought up to date"),
    "token.rights_changed": mark("A signed right was shortened or lost"),
    "token.prolong": mark("Prolonged by a campaign"),
}
_OF_STEP: Mapping[str, Mapping[str, str]] = {
    "token.block": BLOCK,
    "token.unblock": UNBLOCK,
    "token.end": END_REASONS,
    "token.spoil": SPOIL,
}


def options(known: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """The codes with their words, for a select field that makes one choose."""
    return [("", translate(language, mark("Choose a reason"))), *_said(known.items(), language)]


def _said(pairs: Iterable[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    return [(str(code), translate(language, text)) for code, text in pairs]


def why(token: Token) -> str:
    """Why a token is blocked or ended, or that its days are over; empty for any other."""
    if token.state == State.ACTIVE and today() >= token.valid_to:
        return mark("Its last day is over")
    known = {State.BLOCKED: BLOCK, State.ENDED: END_REASONS}.get(State(token.state), {})
    return known.get(token.reason, "")


def why_stepped(action: str, reason: str) -> str:
    """The reason of one step in a token's history."""
    return _OF_STEP.get(action, {}).get(reason, "")

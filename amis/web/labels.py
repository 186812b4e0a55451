"""How states, verdicts and reasons are shown: a word, an icon and a colour, so that colour is never alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from amis.web.i18n import mark

Icon = Literal["tick", "cross", "pause", "clock", "warning", "dot"]


@dataclass(frozen=True, slots=True)
class Label:
    """A marked English text with its icon and the colour of its tag."""

    text: str
    icon: Icon
    colour: str


VERDICTS: Mapping[str, Label] = {
    "ACCEPT": Label(mark("Accepted"), "tick", "green"),
    "ACCEPT_WARN": Label(mark("Accepted with a warning"), "warning", "yellow"),
    "DENY": Label(mark("No concession"), "cross", "red"),
}
TOKEN_STATES: Mapping[str, Label] = {
    "requested": Label(mark("Requested"), "clock", "grey"),
    "approved": Label(mark("Approved"), "clock", "teal"),
    "produced": Label(mark("Produced"), "clock", "teal"),
    "issued": Label(mark("Issued"), "clock", "teal"),
    "active": Label(mark("Active"), "tick", "green"),
    "blocked": Label(mark("Blocked"), "pause", "red"),
    "ended": Label(mark("Ended"), "cross", "grey"),
}
END_REASONS: Mapping[str, str] = {
    "expired": mark("Expired"),
    "replaced": mark("Replaced"),
    "lost": mark("Lost"),
    "stolen": mark("Stolen"),
    "damaged": mark("Damaged"),
    "returned": mark("Returned"),
    "deceased": mark("The holder has died"),
    "moved": mark("Moved to another municipality"),
}
GENERAL: Mapping[str, Label] = {
    "yes": Label(mark("Yes"), "tick", "green"),
    "no": Label(mark("No"), "cross", "red"),
    "undetermined": Label(mark("Data missing"), "warning", "yellow"),
    "current": Label(mark("Current"), "tick", "green"),
    "future": Label(mark("Not yet begun"), "clock", "teal"),
    "past": Label(mark("Past"), "dot", "grey"),
    "suspended": Label(mark("Suspended"), "pause", "yellow"),
    "draft": Label(mark("Draft"), "dot", "grey"),
    "published": Label(mark("Published"), "tick", "green"),
    "revoked": Label(mark("Revoked"), "cross", "red"),
    "failed": Label(mark("Failed"), "warning", "red"),
    "held": Label(mark("Waiting"), "clock", "yellow"),
    "applied": Label(mark("Applied"), "tick", "green"),
    "duplicate": Label(mark("Duplicate"), "dot", "grey"),
    "rejected": Label(mark("Rejected"), "cross", "red"),
    "tested": Label(mark("Tested"), "tick", "teal"),
    "in_review": Label(mark("In review"), "clock", "yellow"),
    "approved": Label(mark("Approved"), "tick", "teal"),
    "active": Label(mark("In force"), "tick", "green"),
    "retired": Label(mark("Retired"), "cross", "grey"),
    "passed": Label(mark("Passed"), "tick", "green"),
    "fails": Label(mark("Fails"), "cross", "red"),
}
REASONS: Mapping[str, str] = {
    "OK": mark("The concession applies"),
    "OK_EXPIRES_SOON": mark("The concession applies and ends soon"),
    "OK_AMNESTY": mark("Accepted during an amnesty"),
    "TERMINAL_STALE": mark("The terminal's data are out of date"),
    "CLOCK": mark("The terminal's clock is doubtful"),
    "RIGHTS_CHANGED": mark("The rights have changed since the token was made"),
    "MALFORMED": mark("The token cannot be read"),
    "UNKNOWN_KEY": mark("The token is signed with an unknown key"),
    "BAD_SIGNATURE": mark("The token's signature is wrong"),
    "SCREENSHOT": mark("A copy was shown instead of the device"),
    "PRESENTATION_STALE": mark("The code shown is too old"),
    "REPLAY": mark("This code has already been shown"),
    "UNKNOWN_TOKEN": mark("The token is not known"),
    "TOKEN_NOT_ACTIVE": mark("The token is not active yet"),
    "TOKEN_BLOCKED": mark("The token is blocked"),
    "TOKEN_EXPIRED": mark("The token has expired"),
    "NO_ENTITLEMENT": mark("The holder has no right to a concession"),
    "ENTITLEMENT_SUSPENDED": mark("The right is suspended"),
    "OUT_OF_SCOPE": mark("The right does not cover this place or product"),
    "OUT_OF_TIME": mark("The right does not cover this time"),
    "QUOTA_USED": mark("The quota is used up"),
    "PASSBACK": mark("The token was used here a moment ago"),
    "COMPANION_WITHOUT_HOLDER": mark("A companion travels only with the holder"),
    "ONLINE_REQUIRED": mark("This concession needs a connection"),
}


def state_of(kind: Literal["verdict", "token", "general"], value: str) -> Label:
    """The label of a state. Raises KeyError for a state that has none."""
    return {"verdict": VERDICTS, "token": TOKEN_STATES, "general": GENERAL}[kind][value]

"""How conflicts are named on pages: marked English texts."""

from collections.abc import Mapping

from amis.web.i18n import mark
from amis.web.labels import Label

KINDS: Mapping[str, str] = {
    "overspent": mark("More used than the quota holds"),
    "revoked_at_time": mark("The token was blocked or ended by then"),
    "right_gone": mark("The holder had no such right then"),
    "clock": mark("The terminal's clock is doubtful"),
    "pass_back": mark("Shown twice in a short time"),
    "two_places": mark("At two places at once"),
    "replayed": mark("The same code was shown before"),
    "unknown_token": mark("The token is not known"),
    "answered_twice": mark("The service and the terminal decided differently"),
    "journal_broken": mark("The terminal's journal does not fit together"),
}
MEANINGS: Mapping[str, str] = {
    "overspent": mark("Several terminals were offline, and together they let more happen than the quota allows."),
    "revoked_at_time": mark("The terminal had not heard of it yet when it accepted the token."),
    "right_gone": mark("By the register the terminal should have asked for the full price."),
    "clock": mark("The tap lies in the future, or so far in the past that its time cannot be relied on."),
    "pass_back": mark("Another terminal took the same token moments earlier: somebody may have handed it on."),
    "two_places": mark("Nobody can be at both places within so short a time: one of the two may be a copy."),
    "replayed": mark("A code that counts once was shown at another terminal: one of the two was a copy."),
    "unknown_token": mark("The register has no token of this number."),
    "answered_twice": mark(
        "The answer of the service was lost on the way, and the terminal decided alone: its word stands."
    ),
    "journal_broken": mark("A line was changed, or one is missing between two others: look at the terminal itself."),
}
STATES: Mapping[str, Label] = {
    "open": Label(mark("Waits"), "clock", "yellow"),
    "disputed": Label(mark("Disputed"), "warning", "orange"),
    "accepted": Label(mark("Accepted as it is"), "tick", "green"),
    "reversed": Label(mark("Taken back"), "dot", "grey"),
}
TOLD: Mapping[str, str] = {
    "verdict": mark("Verdict"),
    "reason": mark("Reason"),
    "gross": mark("Full price"),
    "payable": mark("Paid"),
    "product": mark("Product"),
    "place": mark("Place"),
    "companions": mark("Companions"),
    "missing": mark("Units too many"),
    "quota_left": mark("Units left of the quota"),
    "token_state": mark("State of the token"),
    "proof": mark("Proof"),
    "list_seq": mark("Data held"),
    "clock_doubtful": mark("Clock doubtful"),
}
"""What a terminal says of a tap, and the register of the same."""
PROOFS: Mapping[str, str] = {
    "none": mark("a number only"),
    "static": mark("a printed code, which can be copied"),
    "device": mark("the holder's own phone"),
    "chip": mark("the chip of a card"),
}

"""What holders are told, and by which way; the words of both for pages."""

from collections.abc import Mapping
from enum import StrEnum

from amis.web.i18n import mark


class Kind(StrEnum):
    """One thing that a message tells."""

    BEGINS = "begins"
    PROLONGED = "prolonged"
    SHORTENED = "shortened"
    ENDED = "ended"
    ENDS_SOON = "ends_soon"
    EXPIRED = "expired"
    CARD_READY = "card_ready"
    BLOCKED = "blocked"


class Channel(StrEnum):
    """A way to a person; NONE: a courtesy is not wanted."""

    EMAIL = "email"
    SMS = "sms"
    POST = "post"
    NONE = "none"


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENT = "sent"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


LEGAL = frozenset({Kind.ENDED, Kind.SHORTENED})
"""What takes a right away: it is told by whatever way there is, a courtesy only by the way that was wished."""
KINDS: Mapping[str, str] = {
    Kind.BEGINS: mark("A concession begins"),
    Kind.PROLONGED: mark("A concession is prolonged"),
    Kind.SHORTENED: mark("A concession is shortened"),
    Kind.ENDED: mark("A concession was ended, and why"),
    Kind.ENDS_SOON: mark("A concession ends soon"),
    Kind.EXPIRED: mark("The last day of a concession is over"),
    Kind.CARD_READY: mark("A card is ready or on its way"),
    Kind.BLOCKED: mark("A token is blocked"),
}
CHANNELS: Mapping[str, str] = {
    Channel.EMAIL: mark("By e-mail"),
    Channel.SMS: mark("By text message"),
    Channel.POST: mark("By post"),
    Channel.NONE: mark("Not at all"),
}

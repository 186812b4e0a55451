"""How webhooks and deliveries are called on pages: a word, an icon and a colour for each state."""

from collections.abc import Mapping

from amis.web.i18n import mark
from amis.web.labels import Label

WEBHOOK_STATES: Mapping[str, Label] = {
    "waiting": Label(mark("Waits for approval"), "clock", "yellow"),
    "active": Label(mark("Active"), "tick", "green"),
    "paused": Label(mark("Paused"), "pause", "yellow"),
    "disabled": Label(mark("Stopped by the receiver"), "warning", "red"),
    "ended": Label(mark("Ended"), "cross", "grey"),
}
DELIVERY_STATES: Mapping[str, Label] = {
    "pending": Label(mark("Waiting"), "clock", "yellow"),
    "done": Label(mark("Delivered"), "tick", "green"),
    "dead": Label(mark("Given up"), "cross", "red"),
}

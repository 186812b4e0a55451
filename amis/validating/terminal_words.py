"""How terminals, their past and what they sent are named on pages: marked English texts."""

from collections.abc import Mapping

from amis.web.i18n import mark
from amis.web.labels import Label

STANDING_LABELS: Mapping[str, Label] = {
    "online": Label(mark("Online and up to date"), "tick", "green"),
    "behind": Label(mark("Behind"), "warning", "yellow"),
    "silent": Label(mark("Silent"), "pause", "red"),
    "never": Label(mark("Never heard of"), "clock", "grey"),
    "answered": Label(mark("Waits for approval"), "warning", "yellow"),
    "new": Label(mark("Not paired yet"), "clock", "teal"),
    "suspended": Label(mark("Suspended"), "pause", "yellow"),
    "revoked": Label(mark("Revoked"), "cross", "red"),
}
KEY_CHOICES: Mapping[str, str] = {
    "": mark("None: it asks the service, or reads what everybody can read"),
    "read": mark("Read: it sees without a connection whether a chip is genuine"),
    "use": mark("Read and use: it also takes units off chips"),
}
"""Which masters of cards a terminal holds."""
DEEDS: Mapping[str, str] = {
    "machine.create": mark("Set up"),
    "machine.pairing_begun": mark("Pairing code given"),
    "machine.paired": mark("Answered with its key"),
    "machine.approve": mark("Key approved"),
    "machine.refused": mark("Refused access"),
    "machine.suspend": mark("Suspended"),
    "machine.resume": mark("Works again"),
    "machine.revoke": mark("Revoked"),
    "terminal.register": mark("Registered for its provider"),
    "terminal.chip_keys": mark("Keys of cards chosen"),
    "terminal.card_keys": mark("Fetched keys of cards"),
    "terminal.move": mark("Moved to another place"),
}
"""Actions of the audit trail on a terminal."""

"""What the driver sees where no decision can be shown; it is in no journal."""

from collections.abc import Mapping

from rules.claim import Verdict
from rules.reason import Reason
from terminals.errors import CardTorn, JournalFull, Revoked, TerminalError
from terminals.message import Answer, Tap

_TEXTS: Mapping[type[TerminalError], tuple[str, str]] = {
    JournalFull: (
        "Terminālis nestrādā. Disks ir pilns vai bojāts",
        "The terminal does not work. Its disk is full or broken",
    ),
    Revoked: (
        "Terminālis nestrādā. Tas ir izņemts no lietošanas",
        "The terminal does not work. It was withdrawn from service",
    ),
    CardTorn: ("Pielieciet to pašu karti vēlreiz un turiet mierīgi", "Put the same card back and hold it still"),
}


def refusal(tap: Tap, why: JournalFull | Revoked | CardTorn, seq: int = 0) -> Answer:
    """The full price, and why; `seq` is 0 where the tap got no number."""
    lv, en = _TEXTS[type(why)]
    deny, reason = Verdict.DENY.value, Reason.ONLINE_REQUIRED.name
    return Answer(seq, deny, reason, tap.gross, None, False, None, {"lv": lv, "en": en}, online=False)

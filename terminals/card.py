"""A card at the terminal: what it shows to everybody and, where the terminal holds read keys, that the chip is genuine.

Tier 0 needs no key, and what is read so can be copied to another chip with a UID of its choosing. For tier 1 the
terminal needs the master of slot 1, in a token (SAM) or in a file that the service has lent it.
"""

from cards import pcsc
from cards.keys.chip import Masters
from terminals.chip_card import Transmit, look
from terminals.message import CardShown


def read_card(reader: str, masters: Masters | None = None) -> CardShown:
    """Reads the card on that reader; with `masters` it also has to prove itself where they hold its key set.

    Raises:
        ReaderError: the card or the reader is gone or busy.
        ForeignCard: no card of ours, or one that is unfinished (RecordDamaged).
        Counterfeit: it does not know its key.
    """
    with pcsc.connect(reader) as card:
        return shown(card.transmit, masters)


def shown(transmit: Transmit, masters: Masters | None = None) -> CardShown:
    """As `read_card`, over any way to the card; raises what `transmit` raises."""
    return look(transmit, masters).shown

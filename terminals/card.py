"""A card at the terminal: what it shows to everybody and, where the terminal holds read keys, that the chip is genuine.

Tier 0 needs no key, and what is read so can be copied to another chip with a UID of its choosing. For tier 1 the
terminal needs the master of slot 1, in a token (SAM) or in a file that the service has lent it.
"""

from collections.abc import Callable

from cards import pcsc
from cards.desfire.procedure import run
from cards.keys import KeyStore, chip_keys
from cards.keys.chip import MASTERS
from cards.profile import PublicCard, read_keyed, read_keyset, read_public
from cards.profile.layout import AID, READ
from terminals.message import CardShown

PUBLIC, PROVED = 0, 1


def read_card(reader: str, masters: KeyStore | None = None) -> CardShown:
    """Reads the card on that reader; with `masters` it also has to prove itself where they hold its key set.

    Raises:
        ReaderError: the card or the reader is gone or busy.
        ForeignCard: no card of ours, or one that is unfinished (RecordDamaged).
        Counterfeit: it does not know its key.
    """
    with pcsc.connect(reader) as card:
        return shown(card.transmit, masters)


def shown(transmit: Callable[[bytes], bytes], masters: KeyStore | None = None) -> CardShown:
    """As `read_card`, over any way to the card; raises what `transmit` raises."""
    public = run(read_public(), transmit)
    key = None if masters is None else _read_key(masters, public, run(read_keyset(), transmit))
    if key is None:
        return CardShown(public.uid, public.credential, PUBLIC)
    run(read_keyed(key), transmit)
    return CardShown(public.uid, public.credential, PROVED)


def _read_key(masters: KeyStore, card: PublicCard, keyset: int) -> bytes | None:
    """The chip's read key under a key set, None where the terminal does not hold it.

    The chip names the key set, as the header still has the old one while a renewal is interrupted. One that names
    another than it has gains nothing: it is read as anyone may.
    """
    if keyset not in masters.states(MASTERS[READ]):
        return None
    return chip_keys(masters, card.header.issuer, card.uid, AID)(READ, keyset)

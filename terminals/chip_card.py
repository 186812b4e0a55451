"""A card on the reader while a tap of it is decided: what it shows and proves, the units on it, and taking some off.

Without a connection its counter is the authority: nobody else can spend what lies there, so nothing is overspent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cards.bearer import Pairing
from cards.desfire.procedure import run
from cards.errors import NoSuchKey
from cards.keys.chip import MASTERS, CardKeys, Masters, chip_keys
from cards.profile import LogRecord, Validated, newest_record, read_keyed, read_keyset, read_public
from cards.profile import resume as resume_use
from cards.profile import validate as use
from cards.profile.layout import AID, READ, USE
from terminals.message import CardShown

PUBLIC, PROVED, SERVED = 0, 1, 3
Transmit = Callable[[bytes], bytes]
"""One command to the card and its answer; raises ReaderError."""


@dataclass(frozen=True, slots=True)
class OnChip:
    """Units on a chip: of the concession with this public code, for the window that holds the local day of `at`."""

    concession: int
    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ChipCard:
    """A card that lies there. `units` where the terminal may take them off; calls to it take their time."""

    shown: CardShown
    transmit: Transmit
    units: OnChip | None = None
    keys: CardKeys | None = None
    keyset: int = 0

    def debit(self, units: int, event: LogRecord) -> Validated:
        """Takes units off and writes the event; when the card leaves meanwhile, `resume` says whether it was done.

        Raises:
            QuotaUsed: fewer are left; nothing was changed.
            ReaderError, CardFault
        """
        return run(use(self._key(USE), units, event), self.transmit)

    def resume(self, units: int, event: LogRecord) -> Validated:
        """`debit` again after a break, once in all; raises what that raises."""
        return run(resume_use(self._key(READ), self._key(USE), units, event), self.transmit)

    def _key(self, slot: int) -> bytes:
        assert self.keys is not None
        return self.keys(slot, self.keyset)


def look(transmit: Transmit, masters: Masters | None = None, *, serve: bool = False) -> ChipCard:
    """Reads the card; with `masters` it also has to prove itself where they hold its key set.

    `serve`: where they do not, the service is to talk to the chip itself.

    Raises:
        ReaderError: the card or the reader is gone or busy.
        ForeignCard: no card of ours, or one that is unfinished (RecordDamaged).
        Counterfeit: it does not know its key.
    """
    public = run(read_public(), transmit)
    # The chip names the key set, as the header still has the old one while a renewal is interrupted. One that names
    # another than it has gains nothing: it is read as anyone may.
    keyset = 0 if masters is None else run(read_keyset(), transmit)
    if masters is None or keyset not in _states(masters, READ):
        return ChipCard(CardShown(public.uid, public.credential, SERVED if serve else PUBLIC), transmit)
    keys = chip_keys(masters, public.header.issuer, public.uid, AID)
    run(read_keyed(keys(READ, keyset)), transmit)
    shown = CardShown(public.uid, public.credential, PROVED)
    if keyset not in _states(masters, USE):
        return ChipCard(shown, transmit)
    return ChipCard(shown, transmit, _units(run(newest_record(keys(READ, keyset)), transmit)), keys, keyset)


def _states(masters: Masters, slot: int) -> frozenset[int]:
    try:
        return frozenset(masters.states(MASTERS[slot]))
    except NoSuchKey:
        return frozenset()


def _units(newest: LogRecord | None) -> OnChip | None:
    """What the last event left there: each change of the counter is written down together with it."""
    if newest is None or newest.quota_after <= 0:
        return None
    return OnChip(newest.concession, newest.quota_after, newest.at)


def stamp(pairing: Pairing) -> bytes:
    """What names this terminal in the log of a card: 8 bytes, others in each pairing, as its numbers begin anew."""
    return sha256(f"{pairing.machine_id} {pairing.pairing}".encode()).digest()[:8]

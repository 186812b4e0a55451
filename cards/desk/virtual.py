"""A desk's reader without hardware and without PC/SC: on it lies whatever virtual card the file at `path` holds.

Putting a file there lays the card on the reader; taking the file away takes the card off.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from cards.errors import CardGone, ReaderError, SavedCardUnreadable
from cards.pcsc import GET_UID
from cards.pcsc_monitor import Seen, Slot
from cards.simcard.card import ATR
from cards.simcard.keeping import KeptCard, read_card

NAME = "AMIS virtual reader"
_LOOK = 0.2
"""Seconds between two looks at the file."""


class VirtualReader:
    """The reader of one file, for an Agent: `monitor` and `connect` instead of those of PC/SC."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def monitor(self, on_change: Callable[[Seen | ReaderError], None]) -> "VirtualMonitor":
        """Tells `on_change`, in a thread of its own, whenever a card comes or goes."""
        return VirtualMonitor(self._path, on_change)

    def connect(self, reader: str) -> "VirtualLink":
        """Connects with the card that lies there.

        Raises:
            CardGone
        """
        return VirtualLink(self._path)


class VirtualLink:
    """One card, as long as its file is there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._card = KeptCard(path)
        except SavedCardUnreadable as error:
            raise CardGone(str(error)) from error
        self._file = self._looked()
        self._card.power_on()

    def transmit(self, apdu: bytes) -> bytes:
        """The card's answer, status word included.

        Raises:
            CardGone: its file was taken away, or is that of another card.
        """
        if self._looked() != self._file:
            self._card.power_off()
            raise CardGone(str(self._path))
        answer = self._card.process(apdu)
        self._file = self._looked()
        return answer

    def uid(self) -> bytes:
        """The card's number."""
        return self.transmit(GET_UID)[:-2]

    def close(self) -> None:
        """Off the reader's field."""
        self._card.power_off()

    def _looked(self) -> int | None:
        """Which file is there: one that is written anew is another."""
        try:
            return self._path.stat().st_ino
        except OSError:
            return None


class VirtualMonitor:
    """A thread that looks at the file."""

    def __init__(self, path: Path, on_change: Callable[[Seen | ReaderError], None]) -> None:
        self._path, self._on_change = path, on_change
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="virtual card reader", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        events, lying = 0, self._lying()
        while True:
            self._on_change((Slot(NAME, lying is not None, ATR if lying else b"", events),))
            while (now := self._lying()) == lying:
                if self._stopped.wait(_LOOK):
                    return
            events, lying = events + 1, now

    def _lying(self) -> bytes | None:
        """The number of the card there."""
        try:
            return read_card(self._path).uid
        except SavedCardUnreadable:
            return None

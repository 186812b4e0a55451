"""A virtual card in a file: what it remembers is on the disk before its answer goes out."""

from pathlib import Path

from cards.errors import SavedCardUnreadable
from cards.keys.atomic import replace_file
from cards.simcard.card import VirtualCard


class KeptCard:
    """The card in the file `path`; SavedCardUnreadable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.card = read_card(path)
        self._kept = self.card.snapshot()

    def process(self, apdu: bytes) -> bytes:
        """As the card; the file holds what the command changed."""
        try:
            return self.card.process(apdu)
        finally:
            # power that is lost after a command does not undo it
            self._keep()

    def _keep(self) -> None:
        if self.card.snapshot() is not self._kept:
            self._kept = self.card.snapshot()
            write_card(self.path, self.card)

    def power_on(self) -> None:
        """Onto a reader."""
        self.card.power_on()

    def power_off(self) -> None:
        """Off it."""
        self.card.power_off()


def read_card(path: Path) -> VirtualCard:
    """The card in a file; SavedCardUnreadable."""
    try:
        return VirtualCard.load(path.read_bytes())
    except OSError as problem:
        raise SavedCardUnreadable(f"{path}: {problem.strerror}") from None


def write_card(path: Path, card: VirtualCard) -> None:
    """Puts `card` into a file, whole or not at all; SavedCardUnreadable where no file can be."""
    try:
        replace_file(path, card.saved())
    except OSError as problem:
        raise SavedCardUnreadable(f"{path}: {problem.strerror}") from None

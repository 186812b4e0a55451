"""A reader without hardware: the card in a file, seen, worked on, taken away and exchanged."""

import queue
from pathlib import Path

import pytest

from cards.desfire.procedure import run
from cards.desk.virtual import NAME, VirtualReader
from cards.errors import CardGone, ReaderError
from cards.pcsc_monitor import Seen
from cards.profile import personalise, read_public
from cards.simcard import VirtualCard
from cards.simcard.keeping import read_card, write_card
from tests.cards.profile.table import CONTENT, OTHER_UID, OURS, UID

PATIENCE = 10


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "card"


def test_a_card_is_made_and_what_was_made_is_in_the_file(file: Path) -> None:
    write_card(file, VirtualCard(UID))
    link = VirtualReader(file).connect(NAME)
    assert link.uid() == UID
    made = run(personalise(CONTENT, 1, OURS), link.transmit)
    link.close()
    again = VirtualReader(file).connect(NAME)
    assert run(read_public(), again.transmit).uid == made.uid == read_card(file).uid


def test_a_card_that_is_taken_away_or_exchanged_is_gone(file: Path) -> None:
    reader = VirtualReader(file)
    with pytest.raises(CardGone):
        reader.connect(NAME)
    write_card(file, VirtualCard(UID))
    link = reader.connect(NAME)
    write_card(file, VirtualCard(OTHER_UID))
    with pytest.raises(CardGone):
        link.uid()
    assert read_card(file).uid == OTHER_UID
    link = reader.connect(NAME)
    file.unlink()
    with pytest.raises(CardGone):
        link.uid()
    assert not file.exists()


def test_cards_that_come_and_go_are_told(file: Path) -> None:
    told: queue.Queue[Seen | ReaderError] = queue.Queue()

    def next_one() -> tuple[bool, int]:
        seen = told.get(timeout=PATIENCE)
        assert not isinstance(seen, ReaderError)
        (slot,) = seen
        assert slot.reader == NAME
        assert bool(slot.atr) == slot.present
        return slot.present, slot.events

    with VirtualReader(file).monitor(told.put):
        assert next_one() == (False, 0)
        write_card(file, VirtualCard(UID))
        assert next_one() == (True, 1)
        write_card(file, VirtualCard(OTHER_UID))
        assert next_one() == (True, 2)
        file.unlink()
        assert next_one() == (False, 3)

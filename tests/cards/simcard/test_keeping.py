import pytest

from cards.desfire.frames import wrap
from cards.errors import PowerLost, SavedCardUnreadable
from cards.simcard import VirtualCard
from cards.simcard.keeping import KeptCard, read_card, write_card
from tests.cards.simcard.raw import AID, UID, done


@pytest.fixture
def file(tmp_path):
    write_card(tmp_path / "card.json", VirtualCard(UID))
    return tmp_path / "card.json"


def test_the_file_holds_a_change_before_the_answer_goes_out(file):
    kept = KeptCard(file)
    assert kept.process(wrap(0xCA, AID + b"\x0f\x81")) == b"\x91\x00"
    assert done(read_card(file), 0x6A) == AID


def test_a_change_whose_answer_was_lost_with_the_power_is_in_the_file(file):
    kept = KeptCard(file)
    kept.card.cut(after=1)
    with pytest.raises(PowerLost):
        kept.process(wrap(0xCA, AID + b"\x0f\x81"))
    assert done(read_card(file), 0x6A) == AID


def test_a_question_leaves_the_file_alone(file):
    before = file.stat().st_ino
    kept = KeptCard(file)
    kept.process(wrap(0x60))
    kept.power_off()
    kept.power_on()
    assert file.stat().st_ino == before


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path):
    with pytest.raises(SavedCardUnreadable):
        read_card(tmp_path / "none")
    with pytest.raises(SavedCardUnreadable):
        write_card(tmp_path / "none" / "card", VirtualCard(UID))

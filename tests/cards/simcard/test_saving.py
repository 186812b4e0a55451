import json

import pytest

from cards.errors import SavedCardUnreadable
from cards.simcard import Version, VirtualCard
from cards.simcard.saving import dump, load
from tests.cards.simcard.raw import AID, OTHER, UID, done, little, span, with_files


def used_card() -> VirtualCard:
    card = with_files(with_files(VirtualCard(UID, version=Version.EV2), OTHER), AID)
    done(card, 0x3D, span(1, 3, 5) + b"hello")
    done(card, 0x3D, span(2, 0, 3) + b"abc")
    done(card, 0xDC, b"\x03" + little(20, 4))
    done(card, 0x3B, span(4, 0, 8) + b"record 1")
    done(card, 0x3B, span(5, 0, 8) + b"record 2")
    done(card, 0xC7)
    return card


def test_everything_that_a_chip_remembers_comes_back():
    memory = used_card().snapshot()
    assert load(dump(memory)) == memory


def test_the_same_memory_gives_the_same_text():
    card = used_card()
    assert VirtualCard.load(card.saved()).saved() == card.saved()
    card.process(bytes.fromhex("9060000000"))
    assert json.loads(card.saved())["uid"] == UID.hex()


@pytest.mark.parametrize(
    "change",
    [
        {"virtual_card": 2},
        {"uid": "4g"},
        {"version": "EV9"},
        {"applications": {"000000": {}}},
        {"applications": None},
        {"used": "many"},
    ],
)
def test_a_text_with_anything_wrong_in_it_is_refused(change):
    plain = json.loads(used_card().saved()) | change
    with pytest.raises(SavedCardUnreadable):
        load(json.dumps(plain).encode())


def test_a_text_without_one_of_its_words_is_refused():
    plain = json.loads(used_card().saved())
    for word in plain:
        with pytest.raises(SavedCardUnreadable):
            load(json.dumps({name: value for name, value in plain.items() if name != word}).encode())

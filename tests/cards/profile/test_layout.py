import pytest

from cards.desfire.commands import get_file_settings, get_key_settings, select_application
from cards.desfire.session import PlainSession
from cards.profile import personalise
from cards.profile.layout import (
    AID,
    APPLICATION_KEYS,
    APPLICATION_SETTINGS,
    FILES,
    FOOTPRINT,
    PICC_LEVEL,
    PICC_SETTINGS,
)
from tests.cards.profile.table import BOTH, CONTENT, OURS, blank, play

SETTINGS = {
    1: "00 01 30e3 200000",
    2: "01 01 30e3 000100",
    3: "00 03 3043 400000",
    4: "01 03 3013 600000",
    5: "02 01 3022 00000000 a0860100 00000000 00",
    6: "04 01 3012 200000 0b0000 000000",
}


@pytest.mark.parametrize("version", BOTH)
def test_the_chip_tells_of_the_files_of_the_profile(version):
    card = blank(version)
    room = card.snapshot().free
    play(personalise(CONTENT, 1, OURS), card.process)
    for aid, settings in ((PICC_LEVEL, PICC_SETTINGS), (AID, APPLICATION_SETTINGS)):
        _, found = play(PlainSession().batch([select_application(aid), get_key_settings()]), card.process)
        assert found[0] == settings
    assert found[1] == APPLICATION_KEYS
    assert list(SETTINGS) == list(FILES)
    for number, settings in SETTINGS.items():
        assert play(PlainSession().batch([get_file_settings(number)]), card.process) == [bytes.fromhex(settings)]
    assert room - FOOTPRINT <= card.snapshot().free
    assert (AID.hex(), PICC_LEVEL.hex()) == ("d00af4", "000000")

import pytest

from cards.errors import CardSwapped, RecordDamaged
from cards.profile import personalise, rotate, verify
from tests.cards.profile.table import BOTH, CONTENT, ISSUER, OTHER_UID, OURS, UID, Count, blank, play

VERSIONS = pytest.mark.parametrize("version", BOTH)


@VERSIONS
def test_a_whole_card_is_read_and_not_changed(version):
    card, count = blank(version), Count()
    play(personalise(CONTENT, 1, OURS), card.process)
    before = card.saved()
    found = play(verify(ISSUER, OURS, uid=UID), card.process, count)
    assert card.saved() == before
    assert (found.uid, found.header, found.credential) == (UID, CONTENT.header(1), CONTENT.credential)
    assert (found.holder, found.entitlements, found.quota) == (CONTENT.holder, CONTENT.entitlements, 40)
    assert found.whole
    assert count.apdus == (23 if version is BOTH[1] else 22)


@VERSIONS
def test_an_interrupted_rotation_is_told(version):
    card, states = blank(version), []
    play(personalise(CONTENT, 1, OURS), card.process)
    play(rotate(ISSUER, 2, OURS), lambda apdu: (states.append(card.snapshot()), card.process(apdu))[1])
    card.restore(states[-1])
    assert not play(verify(ISSUER, OURS), card.process).whole


def test_another_card_is_not_read():
    card = blank()
    play(personalise(CONTENT, 1, OURS), card.process)
    with pytest.raises(CardSwapped):
        play(verify(ISSUER, OURS, uid=OTHER_UID), card.process)


def test_an_unfinished_card_is_told_from_a_finished_one():
    card, states = blank(), []
    play(personalise(CONTENT, 1, OURS), lambda apdu: (states.append(card.snapshot()), card.process(apdu))[1])
    for state in states[-8:]:
        card.restore(state)
        with pytest.raises(RecordDamaged):
            play(verify(ISSUER, OURS), card.process)

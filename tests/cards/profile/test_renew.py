from dataclasses import replace

import pytest

from cards.errors import CardElsewhere, Counterfeit, ForeignCard
from cards.profile import personalise, read_keyed, retire, rotate, validate, verify
from cards.profile.layout import READ, USE
from tests.cards.profile.table import (
    BOTH,
    CONTENT,
    ELSEWHERE,
    EVENT,
    ISSUER,
    OURS,
    UID,
    Count,
    blank,
    keys_for,
    play,
)

VERSIONS = pytest.mark.parametrize("version", BOTH)


def finished(version=BOTH[0]):
    card = blank(version)
    play(personalise(CONTENT, 1, OURS), card.process)
    return card


@VERSIONS
def test_a_rotation_changes_all_keys_and_nothing_else(version):
    card, count = finished(version), Count()
    play(validate(OURS(UID)(USE, 1), 5, EVENT), card.process)
    before = play(verify(ISSUER, OURS), card.process)
    assert play(rotate(ISSUER, 2, OURS), card.process, count).written
    after = play(verify(ISSUER, OURS), card.process)
    assert after == replace(before, header=replace(before.header, keyset=2))
    assert {key.version for application in card.snapshot().applications.values() for key in application.keys} == {2}
    assert (count.apdus, count.lists) == (33, 10 if version is BOTH[1] else 7)
    with pytest.raises(Counterfeit):
        play(read_keyed(OURS(UID)(READ, 1)), card.process)


def test_a_card_that_has_the_key_set_is_left_alone():
    card = finished()
    before = card.saved()
    assert not play(rotate(ISSUER, 1, OURS), card.process).written
    assert card.saved() == before


@VERSIONS
def test_several_key_sets_may_be_passed_over(version):
    card = finished(version)
    play(rotate(ISSUER, 7, OURS), card.process)
    assert play(verify(ISSUER, OURS), card.process).header.keyset == 7


@VERSIONS
def test_only_a_card_of_this_issuer_is_renewed(version):
    elsewhere, forged = blank(version), blank(version)
    play(personalise(replace(CONTENT, issuer=ELSEWHERE), 1, keys_for(ELSEWHERE)), elsewhere.process)
    play(personalise(CONTENT, 1, keys_for(ELSEWHERE)), forged.process)
    for card, error in ((blank(version), ForeignCard), (elsewhere, CardElsewhere), (forged, Counterfeit)):
        before = card.saved()
        for procedure in (rotate(ISSUER, 2, OURS), retire(ISSUER, OURS), verify(ISSUER, OURS)):
            with pytest.raises(error):
                play(procedure, card.process)
            assert card.saved() == before


@VERSIONS
def test_a_retired_card_carries_nothing_and_keeps_its_master_key(version):
    card = finished(version)
    assert play(retire(ISSUER, OURS), card.process) == UID
    (chip,) = card.snapshot().applications.values()
    assert chip.keys[0].version == 1
    assert play(retire(ISSUER, OURS), card.process) == UID

"""A card torn out of the reader at any moment, any number of times, is finished by running the same procedure again."""

from functools import partial

import pytest

from cards.errors import CardFault, RecordDamaged
from cards.profile import personalise, read_keyed, read_public, retire, rotate, update, verify
from cards.simcard import Version, VirtualCard
from tests.cards.profile.table import BOTH, CONTENT, ISSUER, OURS, RENEWED, blank, play
from tests.cards.profile.tears import Torn
from tests.walks.counts import count

SHARE = count(test=3, check=100, deep=100) / 100
"""Of the double tears; the states that any number of tears can leave are looked at in full besides."""


def finished(version: Version) -> VirtualCard:
    card = blank(version)
    play(personalise(CONTENT, 1, OURS), card.process)
    return card


def making(version: Version) -> Torn:
    return Torn(blank(version), partial(personalise, CONTENT, 1, OURS))


def updating(version: Version) -> Torn:
    return Torn(finished(version), partial(update, RENEWED, 1, OURS, quota=True))


def rotating(version: Version) -> Torn:
    return Torn(finished(version), partial(rotate, ISSUER, 2, OURS))


def retiring(version: Version) -> Torn:
    return Torn(finished(version), partial(retire, ISSUER, OURS))


COURSES = pytest.mark.parametrize("course", [making, updating, rotating, retiring])
VERSIONS = pytest.mark.parametrize("version", BOTH)


@VERSIONS
@COURSES
def test_a_card_torn_once_recovers(course, version):
    torn, tears = course(version), 0
    for _ in torn.singles():
        torn.recovers()
        tears += 1
    assert tears == 2 * torn.apdus


@COURSES
def test_a_card_torn_twice_recovers(course):
    torn, tears = course(Version.EV1), 0
    for _ in torn.doubles(SHARE):
        torn.recovers()
        tears += 1
    assert tears > SHARE * torn.apdus


@VERSIONS
@pytest.mark.parametrize(("course", "states"), [(making, 19), (updating, 4), (rotating, 9), (retiring, 2)])
def test_no_number_of_tears_leaves_a_card_that_does_not_recover(course, states, version):
    torn = course(version)
    reachable = torn.reachable()
    assert len(reachable) == states
    for state in reachable.values():
        torn.card.restore(state)
        torn.recovers()


@VERSIONS
def test_a_card_reads_as_finished_only_when_it_is(version):
    torn = making(version)
    for saved, state in torn.reachable().items():
        torn.card.restore(state)
        if saved == torn.final:
            assert play(verify(ISSUER, OURS), torn.card.process).quota == CONTENT.quota
            assert play(read_public(), torn.card.process).credential == CONTENT.credential
            continue
        for look in (verify(ISSUER, OURS), read_public()):
            with pytest.raises(CardFault):
                play(look, torn.card.process)


@VERSIONS
def test_a_terminal_reads_a_card_at_every_moment_of_a_rotation(version):
    torn = rotating(version)
    for state in torn.reachable().values():
        torn.card.restore(state)
        public = play(read_public(), torn.card.process)
        keys, keyset = OURS(public.uid), public.header.keyset
        found = play(read_keyed(keys(1, keyset), keys(1, keyset + 1)), torn.card.process)
        assert found == CONTENT.entitlements
        assert play(verify(ISSUER, OURS), torn.card.process).entitlements == found


@VERSIONS
def test_an_interrupted_rotation_ends_either_way(version):
    torn = rotating(version)
    before = finished(version).saved()
    for state in torn.reachable().values():
        torn.card.restore(state)
        assert play(personalise(CONTENT, 1, OURS), torn.card.process).quota == CONTENT.quota
        assert torn.card.saved() == before
        torn.card.restore(state)
        play(personalise(CONTENT, 2, OURS), torn.card.process)
        assert torn.card.saved() == torn.final


@VERSIONS
def test_an_unfinished_card_is_personalised_under_a_newer_key_set(version):
    card = blank(version)
    play(personalise(CONTENT, 2, OURS), card.process)
    final = play(verify(ISSUER, OURS), card.process)
    torn = making(version)
    for state in torn.reachable().values():
        torn.card.restore(state)
        play(personalise(CONTENT, 2, OURS), torn.card.process)
        assert play(verify(ISSUER, OURS), torn.card.process) == final


@VERSIONS
def test_an_unfinished_card_is_given_to_somebody_else_or_retired(version):
    torn = making(version)
    retired = retiring(version).final
    for saved, state in torn.reachable().items():
        if saved == torn.final:
            continue
        torn.card.restore(state)
        play(personalise(RENEWED, 1, OURS), torn.card.process)
        assert play(verify(ISSUER, OURS), torn.card.process).credential == RENEWED.credential
        torn.card.restore(state)
        with pytest.raises(RecordDamaged if b"d00af4" in saved else CardFault):
            play(rotate(ISSUER, 2, OURS), torn.card.process)
        if b"d00af4" in saved:
            play(retire(ISSUER, OURS), torn.card.process)
            assert torn.card.saved() == retired


@VERSIONS
def test_a_retired_card_is_made_anew(version):
    card = finished(version)
    before = card.saved()
    assert play(retire(ISSUER, OURS), card.process) == card.uid
    with pytest.raises(CardFault):
        play(read_public(), card.process)
    play(personalise(CONTENT, 1, OURS), card.process)
    assert card.saved() == before

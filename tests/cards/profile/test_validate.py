from dataclasses import replace

import pytest

from cards.errors import QuotaUsed
from cards.profile import newest_record, personalise, resume, validate, verify
from cards.profile.layout import READ, USE
from tests.cards.profile.table import BOTH, CONTENT, EVENT, ISSUER, OURS, UID, Count, blank, play
from tests.cards.profile.tears import Torn
from tests.walks.counts import count

KEYS = OURS(UID)
READING, USING = KEYS(READ, 1), KEYS(USE, 1)
SHARE = count(test=25, check=100, deep=100) / 100
VERSIONS = pytest.mark.parametrize("version", BOTH)


def finished(version=BOTH[0], quota=40):
    card = blank(version)
    play(personalise(replace(CONTENT, quota=quota), 1, OURS), card.process)
    return card


def quota_of(card) -> int:
    return play(verify(ISSUER, OURS), card.process).quota


@VERSIONS
def test_a_use_takes_7_apdus_and_leaves_its_record(version):
    card, sent = finished(version), Count()
    found = play(validate(USING, 3, EVENT), card.process, sent)
    assert (sent.apdus, sent.lists) == (7, 3)
    assert found.quota_left == quota_of(card) == 37
    assert found.log == replace(EVENT, delta=-3, quota_after=37)
    assert play(newest_record(READING), card.process) == found.log


@VERSIONS
def test_the_log_keeps_the_newest_of_more_events_than_it_holds(version):
    card = finished(version)
    assert play(newest_record(READING), card.process) is None
    for seq in range(25):
        play(validate(USING, 1, replace(EVENT, seq=seq)), card.process)
        assert play(newest_record(READING), card.process).seq == seq
    assert quota_of(card) == 15


def test_a_use_without_a_quota_is_logged_and_takes_nothing():
    card = finished(quota=0)
    assert play(validate(USING, 0, EVENT), card.process).quota_left == 0
    assert play(newest_record(READING), card.process) == EVENT


@VERSIONS
def test_a_quota_that_is_used_stays_used(version):
    card = finished(version, quota=2)
    play(validate(USING, 2, EVENT), card.process)
    before = card.saved()
    with pytest.raises(QuotaUsed):
        play(validate(USING, 1, replace(EVENT, seq=78)), card.process)
    assert card.saved() == before


@VERSIONS
def test_a_use_torn_anywhere_is_taken_once(version):
    torn = Torn(finished(version), lambda: resume(READING, USING, 3, EVENT))
    assert torn.apdus == 11
    for _ in torn.singles():
        torn.recovers()
        assert quota_of(torn.card) == 37
    assert len(torn.reachable()) == 2


def test_a_use_torn_twice_anywhere_is_taken_once():
    torn, tears = Torn(finished(), lambda: resume(READING, USING, 3, EVENT)), 0
    for _ in torn.doubles(SHARE):
        torn.recovers()
        tears += 1
    assert tears > SHARE * torn.apdus
    assert quota_of(torn.card) == 37


@VERSIONS
def test_a_lost_answer_to_the_commit_is_settled_by_the_log(version):
    card = finished(version)
    play(validate(USING, 3, EVENT), card.process)
    settled, sent = card.saved(), Count()
    again = play(resume(READING, USING, 3, EVENT), card.process, sent)
    assert (again.quota_left, card.saved(), sent.apdus) == (37, settled, 4)
    other = play(resume(READING, USING, 3, replace(EVENT, seq=78)), card.process)
    assert other.quota_left == 34

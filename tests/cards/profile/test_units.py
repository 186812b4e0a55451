"""Units on a card: read with what became of them, put there with a record or not at all."""

from dataclasses import replace

import pytest

from cards.errors import AuthenticationFailed, CardGone, ForeignCard, UnitsMoved
from cards.profile import LogRecord, load, newest_record, personalise, read_units, validate
from cards.profile.layout import READ, UPDATE, USE
from cards.simcard import Version, VirtualCard
from tests.cards.profile.table import BOTH, CONTENT, EVENT, OURS, UID, Count, play

KEY = OURS(UID)


def made(version: Version = Version.EV1) -> VirtualCard:
    card = VirtualCard(UID, version=version)
    play(personalise(replace(CONTENT, quota=0), 1, OURS), card.process)
    return again(card)


def again(card: VirtualCard) -> VirtualCard:
    card.cut()
    card.power_off()
    card.power_on()
    return card


@pytest.mark.parametrize("version", BOTH)
def test_units_are_put_on_with_a_record_of_it(version: Version) -> None:
    card, count = made(version), Count()
    assert play(read_units(KEY(UPDATE, 1)), card.process).newest is None
    record = play(load(KEY(UPDATE, 1), 0, 5, EVENT), card.process, count)
    assert (record, count.apdus, count.lists) == (replace(EVENT, delta=5, quota_after=5), 7, 3)
    assert play(newest_record(KEY(READ, 1)), card.process) == record
    play(validate(KEY(USE, 1), 1, replace(EVENT, seq=78)), card.process)
    found = play(read_units(KEY(UPDATE, 1)), card.process)
    assert (found.value, [event.delta for event in found.events]) == (4, [5, -1])


def test_units_of_another_time_come_off_in_the_same_commit() -> None:
    card = made()
    for had, wanted in ((0, 5), (5, 2), (2, 2)):
        record = play(load(KEY(UPDATE, 1), had, wanted, EVENT), card.process)
        assert (record.delta, record.quota_after) == (wanted - had, wanted)
    assert play(read_units(KEY(UPDATE, 1)), card.process).value == 2


def test_a_counter_that_is_not_where_it_was_is_left_alone() -> None:
    card = made()
    play(load(KEY(UPDATE, 1), 0, 5, EVENT), card.process)
    with pytest.raises(UnitsMoved):
        play(load(KEY(UPDATE, 1), 0, 9, EVENT), card.process)
    assert play(read_units(KEY(UPDATE, 1)), again(card).process).value == 5


def test_torn_away_at_any_command_it_has_both_or_neither() -> None:
    for step in range(1, 8):
        for order in ({"before": step}, {"after": step}):
            card = made()
            card.cut(**order)
            with pytest.raises(CardGone):
                play(load(KEY(UPDATE, 1), 0, 5, EVENT), card.process)
            found = play(read_units(KEY(UPDATE, 1)), again(card).process)
            done = order == {"after": 7}
            assert (found.value, len(found.events)) == ((5, 1) if done else (0, 0))


def test_nobody_puts_units_on_without_the_update_key_or_on_a_strangers_card() -> None:
    for procedure in (load(KEY(USE, 1), 0, 5, EVENT), read_units(KEY(USE, 1))):
        with pytest.raises(AuthenticationFailed):
            play(procedure, made().process)
    with pytest.raises(ForeignCard):
        play(read_units(KEY(UPDATE, 1)), VirtualCard(UID).process)


def test_the_log_keeps_the_last_ten_events() -> None:
    card = made()
    for number in range(12):
        play(load(KEY(UPDATE, 1), number, number + 1, replace(EVENT, seq=number)), card.process)
    events: tuple[LogRecord, ...] = play(read_units(KEY(UPDATE, 1)), card.process).events
    assert [event.seq for event in events] == list(range(2, 12))

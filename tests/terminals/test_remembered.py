"""What a terminal remembers of holders."""

from dataclasses import replace
from datetime import timedelta

from rules.claim import LastTap
from terminals.noted import reserve_from, reserve_to, use_from, use_to
from terminals.remembered import SHOWN_KEPT, TAPS_KEPT, UNITS_KEPT, Remembered, Reserve
from tests.terminals.taken import MONTH, NOW, PLACE, use

LATER = NOW + timedelta(minutes=5)
HOUR = timedelta(hours=1)


def remembered(*uses, unsent=True):
    found = Remembered()
    for seq, one in enumerate(uses):
        found.add(seq, one, unsent=unsent)
    return found


def test_each_holder_has_a_memory_of_their_own() -> None:
    found = remembered(use("anna", units=1), use("berta", units=1), use("anna"))
    memory = found.memory("anna", LATER)
    assert (memory.used, memory.unsynced) == ({MONTH: 1}, {MONTH: 1})
    assert memory.last == (LastTap(NOW, PLACE), LastTap(NOW, PLACE))
    assert found.memory("cecilia", LATER).last == ()


def test_only_taps_of_the_last_day_matter_for_the_next_one() -> None:
    found = remembered(use(at=NOW - TAPS_KEPT - HOUR), use(at=NOW))
    assert found.memory("holder", NOW).last == (LastTap(NOW, PLACE),)


def test_a_presentation_is_known_again_for_as_long_as_it_could_be_shown() -> None:
    found = remembered(replace(use(), replay="once"))
    assert found.memory("holder", LATER, "once").seen == {"once"}
    assert found.memory("holder", LATER, "twice").seen == frozenset()
    found.forget(NOW + SHOWN_KEPT)
    assert found.memory("holder", LATER, "once").seen == {"once"}
    found.forget(NOW + SHOWN_KEPT + timedelta(seconds=1))
    assert found.memory("holder", LATER, "once").seen == frozenset()


def test_of_several_reserves_the_one_that_ends_first_is_used_first() -> None:
    found = remembered(use(units=1, reserve="soon"))
    for name, hours in (("late", 3), ("soon", 1), ("sooner", 2)):
        found.reserves[name] = Reserve(name, "holder", MONTH, 1, NOW + hours * HOUR)
    reserve = found.reserve_of("holder", MONTH, NOW)
    assert reserve is not None
    assert (reserve.id, found.memory("holder", NOW).reserved) == ("sooner", {MONTH: 2})
    assert found.reserve_of("holder", MONTH, NOW + 3 * HOUR) is None
    assert found.reserve_of("another", MONTH, NOW) is None


def test_what_can_no_longer_matter_is_forgotten_unless_it_is_unsent() -> None:
    old = NOW - UNITS_KEPT - HOUR
    uses = (use("a", at=old, units=1), use("b", at=NOW - 2 * TAPS_KEPT), use("c", at=NOW - 2 * TAPS_KEPT, units=1))
    sent, unsent = remembered(*uses, unsent=False), remembered(*uses)
    for found in (sent, unsent):
        found.forget(NOW)
    assert (list(sent.uses), list(unsent.uses)) == (["c"], ["a", "b", "c"])


def test_a_counter_that_was_used_up_elsewhere_stays_so() -> None:
    found = remembered(use(units=1))
    changed = found.sent(0, spent=True)
    assert changed == replace(use(units=1), spent=True)
    assert found.memory("holder", NOW).used[MONTH] > 100_000
    assert found.memory("holder", NOW).unsynced.get(MONTH) is None
    assert found.sent(7, spent=True) is None


def test_what_is_written_down_is_read_back() -> None:
    for one in (use(), replace(use(units=1, reserve="r"), replay="once", spent=True)):
        back = use_from(use_to(one))
        assert replace(back, place=PLACE) == one
        assert (back.place.id, back.place.lat, back.place.lon) == (PLACE.id, PLACE.lat, PLACE.lon)
    reserve = Reserve("r", "holder", MONTH, 3, NOW)
    assert reserve_from(reserve_to(reserve)) == reserve

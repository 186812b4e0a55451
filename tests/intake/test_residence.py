"""Stays of one person, told by any number of records: what is believed follows from what they say in the end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from amis.intake.residence import Stay, changes
from amis.register.change import FactChange

SOURCE = "sopa/jelgava"
START = date(2026, 1, 1)


@dataclass(frozen=True)
class Row:
    """A version of a fact as the register keeps it."""

    value: str
    valid_from: date
    valid_to: date | None
    source: str
    record_id: str
    version: int
    closed_version: int | None = None
    decision: None = None
    provenance: None = None


def recorded(history: list[Row], told: list[FactChange]) -> list[Row]:
    """The history after the register took the changes: each closes the version before it."""
    for change in told:
        mine = [row for row in history if (row.source, row.record_id) == (change.source, change.record_id)]
        newest = max(mine, key=lambda row: row.version, default=None)
        assert newest is None or change.version > (newest.closed_version or newest.version)
        if newest is not None and newest.closed_version is None:
            history = [replace(row, closed_version=change.version) if row is newest else row for row in history]
        if change.op == "upsert":
            content = change.value, change.valid_from, change.valid_to, change.source, change.record_id
            history = [*history, Row(*content, change.version)]
    return history


def after(*told: Stay) -> list[tuple[str, date, date | None]]:
    """What is believed once all were told one after the other, by first day."""
    return believed(settled([], *told))


def settled(history: list[Row], *told: Stay) -> list[Row]:
    """The history after the stays were told, of each record the last."""
    stays: dict[tuple[str, str], Stay] = {}
    for one in told:
        stays[one.source, one.record_id] = one
        history = recorded(history, changes(ordered(stays.values()), history))
    return history


def ordered(stays: Iterable[Stay]) -> list[Stay]:
    return sorted(stays, key=lambda stay: (stay.since, stay.source, stay.record_id))


def believed(history: list[Row]) -> list[tuple[str, date, date | None]]:
    standing = [row for row in history if row.closed_version is None]
    return sorted((row.value, row.valid_from, row.valid_to) for row in standing)


def stay(value: str, day: int, record: str = "R-1") -> Stay:
    return Stay(SOURCE, record, value, START + timedelta(days=day), {})


def on(day: int) -> date:
    return START + timedelta(days=day)


def test_a_move_ends_the_stay_before_it_in_whatever_order_they_are_told():
    expected = [("JLG", on(90), None), ("RIX", on(0), on(90))]
    assert after(stay("RIX", 0), stay("JLG", 90, "R-2")) == expected
    assert after(stay("JLG", 90, "R-2"), stay("RIX", 0)) == expected


def test_a_corrected_record_says_it_anew_and_moves_the_end_of_the_stay_before():
    first = stay("RIX", 0, "R-1")
    later = after(first, stay("JLG", 90, "R-2"), stay("JLG", 120, "R-2"))
    assert later == [("JLG", on(120), None), ("RIX", on(0), on(120))]
    assert after(first, stay("JLG", 90, "R-2"), stay("DGP", 60, "R-2")) == [
        ("DGP", on(60), None),
        ("RIX", on(0), on(60)),
    ]
    assert after(stay("RIX", 0), stay("JLG", 90)) == [("JLG", on(90), None)]


def test_whoever_comes_back_has_lived_in_both_places():
    back = after(stay("JLG", 0), stay("RIX", 30, "R-2"), stay("JLG", 60, "R-3"))
    assert back == [("JLG", on(0), on(30)), ("JLG", on(60), None), ("RIX", on(30), on(60))]


def test_a_stay_that_is_taken_back_gives_its_days_to_the_one_before():
    one, other = stay("JLG", 0), stay("RIX", 30, "R-2")
    history = settled([], one, other)
    assert believed(recorded(history, changes([one], history))) == [("JLG", on(0), None)]
    assert believed(recorded(history, changes([other], history))) == [("RIX", on(30), None)]


def test_a_stay_that_a_clerk_entered_ends_too_and_keeps_its_source():
    entered = Row("RIX", on(0), None, "clerk", "form-1", 3)
    told = changes([stay("JLG", 90)], [entered])
    assert [(one.source, one.record_id, one.version, one.valid_to) for one in told] == [
        ("clerk", "form-1", 4, on(90)),
        (SOURCE, "R-1@", 1, None),
    ]
    history = recorded([entered], told)
    assert believed(recorded(history, changes([], history))) == [("RIX", on(0), None)]


def test_a_last_day_entered_by_hand_stays():
    entered = Row("RIX", on(0), on(30), "clerk", "form-1", 3)
    assert [one.record_id for one in changes([stay("JLG", 90)], [entered])] == ["R-1@"]


def test_the_same_stay_told_twice_changes_nothing():
    history = settled([], stay("JLG", 0))
    assert changes([stay("JLG", 0)], history) == []


STAYS = st.builds(
    stay, st.sampled_from(["JLG", "RIX", "other"]), st.integers(0, 9), st.sampled_from(["R-1", "R-2", "R-3"])
)


@given(st.lists(STAYS, min_size=1, max_size=7))
def test_stays_never_overlap_and_only_the_last_word_of_each_record_matters(told):
    seen = sorted(after(*told), key=lambda one: one[1])
    for (_, _, end), (_, start, _) in pairwise(seen):
        assert end is not None
        assert end <= start
    assert seen[-1][2] is None
    last = ordered({one.record_id: one for one in told}.values())
    assert sorted(after(*last)) == sorted(seen)
    assert sorted(after(*reversed(last))) == sorted(seen)

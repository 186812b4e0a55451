"""Stays of one person, told in any order by any number of records."""

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


def after(*stays: Stay) -> list[tuple[str, date, date | None]]:
    """What is believed once all were told, by first day."""
    history: list[Row] = []
    for stay in stays:
        history = recorded(history, changes(stay, history))
    standing = [row for row in history if row.closed_version is None]
    return sorted((row.value, row.valid_from, row.valid_to) for row in standing)


def stay(value: str, day: int, record: str = "R-1") -> Stay:
    return Stay(SOURCE, record, value, START + timedelta(days=day), {})


def on(day: int) -> date:
    return START + timedelta(days=day)


def test_a_move_ends_the_stay_before_it_whoever_told_of_that():
    assert after(stay("RIX", 0), stay("JLG", 90)) == [("JLG", on(90), None), ("RIX", on(0), on(90))]
    assert after(stay("RIX", 0), stay("JLG", 90, "R-2")) == [("JLG", on(90), None), ("RIX", on(0), on(90))]


def test_an_older_stay_told_later_goes_before_the_newer_one():
    assert after(stay("JLG", 90), stay("RIX", 0, "R-2")) == [("JLG", on(90), None), ("RIX", on(0), on(90))]


def test_a_corrected_day_moves_the_end_of_the_stay_before():
    first = stay("RIX", 0, "R-1")
    later = after(first, stay("JLG", 90, "R-2"), stay("JLG", 120, "R-2"))
    assert later == [("JLG", on(120), None), ("RIX", on(0), on(120))]
    earlier = after(first, stay("JLG", 90, "R-2"), stay("JLG", 60, "R-2"))
    assert earlier == [("JLG", on(60), None), ("RIX", on(0), on(60))]


def test_whoever_comes_back_has_lived_in_both_places():
    back = after(stay("JLG", 0), stay("RIX", 30), stay("JLG", 60))
    assert back == [("JLG", on(0), on(30)), ("JLG", on(60), None), ("RIX", on(30), on(60))]


def test_a_stay_that_a_clerk_entered_ends_too_and_keeps_its_source():
    entered = Row("RIX", on(0), None, "clerk", "form-1", 3)
    told = changes(stay("JLG", 90), [entered])
    assert [(one.source, one.record_id, one.version, one.valid_to) for one in told] == [
        ("clerk", "form-1", 4, on(90)),
        (SOURCE, "R-1@2026-04-01", 1, None),
    ]


def test_a_last_day_entered_by_hand_stays():
    entered = Row("RIX", on(0), on(30), "clerk", "form-1", 3)
    assert [one.record_id for one in changes(stay("JLG", 90), [entered])] == ["R-1@2026-04-01"]


def test_the_same_stay_told_twice_is_one():
    assert after(stay("JLG", 0), stay("JLG", 0)) == [("JLG", on(0), None)]
    assert after(stay("RIX", 0), stay("JLG", 0, "R-2")) == [("JLG", on(0), None)]


STAYS = st.builds(stay, st.sampled_from(["JLG", "RIX", "other"]), st.integers(0, 9), st.sampled_from(["R-1", "R-2"]))


@given(st.lists(STAYS, min_size=1, max_size=7))
def test_stays_never_overlap_and_the_newest_word_holds(told):
    believed = sorted(after(*told), key=lambda one: one[1])
    for (_, _, end), (_, start, _) in pairwise(believed):
        assert end is not None
        assert end <= start
    assert believed[-1][2] is None
    last = told[-1]
    assert (last.value, last.since) in {(value, start) for value, start, _ in believed}

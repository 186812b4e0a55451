"""What a run of changes amounts to."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.notifying.kinds import Kind
from amis.notifying.netting import Step, Turn, before, turn
from rules.period import EMPTY, Days, Period

TODAY = date(2026, 3, 10)


def day(number: int) -> date:
    """So many days after today."""
    return TODAY + timedelta(days=number)


def span(first: int, last: int | None) -> Days:
    """Days from today on, both inclusive."""
    return Days.of(Period.inclusive(day(first), None if last is None else day(last)))


spans = st.lists(st.tuples(st.integers(-30, 30), st.integers(0, 20)), max_size=3).map(
    lambda some: Days.of(*(Period(day(first), day(first + length + 1)) for first, length in some))
)


@given(st.lists(spans, min_size=1, max_size=6))
def test_the_days_before_a_run_of_changes_are_found_from_those_after_it(states: list[Days]) -> None:
    steps = [Step(new - old, old - new) for old, new in pairwise(states)]
    assert before(states[-1], steps) == states[0]


@given(spans, spans)
def test_only_what_is_to_come_is_told_and_an_undone_change_not_at_all(had: Days, has: Days) -> None:
    future = Days.of(Period(TODAY, None))
    told = turn(had, has, TODAY)
    assert (told is None) == (had & future == has & future)
    if told is not None and told.kind is not Kind.ENDED:
        assert (told.first, told.last) == (next(iter(has & future)).start, list(has & future)[-1].last)


@pytest.mark.parametrize(
    ("had", "has", "told"),
    [
        (EMPTY, span(0, 9), Turn(Kind.BEGINS, day(0), day(9))),
        (span(-5, 9), EMPTY, Turn(Kind.ENDED, day(0), day(9))),
        (span(-5, 9), span(-5, 30), Turn(Kind.PROLONGED, day(0), day(30))),
        (span(-5, 9), span(-5, None), Turn(Kind.PROLONGED, day(0), None)),
        (span(-5, None), span(-5, 9), Turn(Kind.SHORTENED, day(0), day(9))),
        (span(0, 9), span(3, 9), Turn(Kind.SHORTENED, day(3), day(9))),
        (span(0, 9), span(3, 30), Turn(Kind.PROLONGED, day(3), day(30))),
        (span(-20, -2), span(-20, -9), None),
        (span(-5, 9), span(-5, -1), Turn(Kind.ENDED, day(0), day(9))),
    ],
)
def test_a_turn_is_named_by_what_it_does_to_the_days_to_come(had: Days, has: Days, told: Turn | None) -> None:
    assert turn(had, has, TODAY) == told

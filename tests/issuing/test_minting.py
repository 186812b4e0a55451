from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amis.issuing.minting import promised, still_hold
from cards.claims import Right
from rules.period import Days, Period

TODAY = date(2026, 3, 10)
LAST = date(2027, 4, 13)
DAYS = st.dates(date(2025, 1, 1), date(2028, 1, 1))
PERIODS = st.builds(
    lambda first, length: Period(first, None if length > 700 else first + timedelta(days=length)),
    DAYS,
    st.integers(1, 800),
)
GRANTED = st.dictionaries(st.integers(1, 65535), st.builds(lambda some: Days.of(*some), st.lists(PERIODS, max_size=4)))


def until(end: date | None, first: date = TODAY) -> Days:
    """Days from `first` to the day before `end`."""
    return Days.of(Period(first, end))


def test_the_four_rights_that_last_longest_are_signed() -> None:
    granted = {code: until(date(2026, 4 + code, 1)) for code in range(1, 7)} | {9: until(None)}
    assert [right.code for right in promised(granted, TODAY, LAST)] == [9, 6, 5, 4]
    assert promised(granted, TODAY, LAST)[0].until == LAST


def test_a_right_is_promised_only_up_to_its_next_pause() -> None:
    paused = Days.of(Period(TODAY, date(2026, 4, 1)), Period(date(2026, 6, 1), None))
    assert promised({1: paused}, TODAY, LAST) == [Right(1, date(2026, 3, 31))]
    assert promised({1: paused}, date(2026, 5, 1), LAST) == []


@given(GRANTED, DAYS)
def test_what_was_promised_holds_and_every_promised_day_is_granted(granted: dict[int, Days], day: date) -> None:
    rights = promised(granted, day, day + timedelta(days=399))
    assert len(rights) == min(4, sum(day in days for days in granted.values()))
    assert still_hold(rights, granted, day)
    for code, last in rights:
        assert Days.of(Period.inclusive(day, last)) <= granted[code]


@given(GRANTED, DAYS, st.integers(1, 200))
def test_taking_away_the_last_promised_day_breaks_the_promise(granted: dict[int, Days], day: date, cut: int) -> None:
    rights = promised(granted, day, day + timedelta(days=399))
    for code, last in rights:
        less = Days.of(Period(last, last + timedelta(days=cut)))
        assert not still_hold(rights, granted | {code: granted[code] - less}, day)


def test_a_right_that_ran_out_as_promised_is_not_a_broken_promise() -> None:
    assert still_hold([Right(1, date(2026, 3, 9))], {}, TODAY)
    assert not still_hold([Right(1, TODAY)], {}, TODAY)

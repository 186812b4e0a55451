"""Guessing reference numbers is counted for each terminal and minute."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from amis.validating.guesses import A_MINUTE, Guesses

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_terminal_may_miss_so_often_a_minute_and_no_more() -> None:
    guesses = Guesses()
    assert [guesses.over(ONE, NOW) for _ in range(A_MINUTE + 1)] == [False] * A_MINUTE + [True]


def test_terminals_are_counted_apart_and_a_new_minute_starts_anew() -> None:
    guesses = Guesses()
    for _ in range(A_MINUTE):
        guesses.over(ONE, NOW)
    assert not guesses.over(OTHER, NOW)
    assert guesses.over(ONE, NOW)
    assert not guesses.over(ONE, NOW + timedelta(minutes=1))

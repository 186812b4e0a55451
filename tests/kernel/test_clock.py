"""The one clock, and moving it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from amis.kernel import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 31, 21, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 22, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 6, 30, 20, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 21, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
    ids=["before midnight in winter", "midnight in winter", "before midnight in summer", "midnight in summer"],
)
def test_the_day_changes_at_midnight_in_riga(instant: datetime, day: date) -> None:
    with clock.moved(instant):
        assert clock.today() == day


def test_a_moved_clock_runs_on_and_comes_back() -> None:
    before = clock.now()
    with clock.moved(datetime(2031, 5, 1, tzinfo=UTC)):
        first = clock.now()
        with clock.moved(datetime(2040, 5, 1, tzinfo=UTC)):
            assert clock.now().year == 2040
        assert first <= clock.now() < first + timedelta(hours=1)
    assert before <= clock.now() < before + timedelta(hours=1)


def test_the_clock_comes_back_from_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), clock.moved(datetime(2031, 5, 1, tzinfo=UTC)):
        raise ZeroDivisionError
    assert clock.now() - datetime.now(UTC) < timedelta(minutes=1)

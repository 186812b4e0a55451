"""The table of tries."""

from datetime import timedelta

from amis.outbound.retries import WAITS, next_wait


def test_ten_tries_over_three_days() -> None:
    hours = [wait / timedelta(hours=1) for wait in WAITS]
    assert hours[4:] == [2, 5, 10, 14, 20, 24]
    assert [wait.total_seconds() for wait in WAITS[:4]] == [0, 5, 300, 1800]
    assert [next_wait(tries) for tries in range(1, 11)] == [*WAITS[1:], None]

"""The terminal's time: its own until the service has told it, and doubted where it cannot be right."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from terminals.clock import Clock, now

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SLACK = timedelta(minutes=10)


class Machine:
    """A wall clock and even seconds, each set by the test."""

    def __init__(self) -> None:
        self.wall, self.seconds = NOON, 1000.0
        self.clock = Clock(lambda: self.wall, lambda: self.seconds)

    def wait(self, seconds: float) -> None:
        """Time passes, and the wall clock keeps it."""
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_the_machines_clock_is_taken_until_the_service_has_told_the_time(machine: Machine) -> None:
    machine.wait(5)
    assert machine.clock.now() == machine.wall
    machine.clock.tell(NOON + timedelta(hours=1), took=2)
    machine.wait(10)
    assert machine.clock.now() == NOON + timedelta(hours=1, seconds=11)


def test_a_wall_clock_that_is_set_wrong_no_longer_matters_once_the_time_was_told(machine: Machine) -> None:
    machine.clock.tell(NOON, took=0)
    machine.wall -= timedelta(days=365)
    machine.seconds += 60
    assert machine.clock.now() == NOON + timedelta(minutes=1)
    assert not machine.clock.doubtful(machine.clock.now(), NOON, SLACK)


def test_a_clock_before_a_moment_that_has_passed_is_doubted(machine: Machine) -> None:
    assert machine.clock.doubtful(NOON, NOON + timedelta(minutes=11), SLACK)
    assert not machine.clock.doubtful(NOON, NOON + timedelta(minutes=9), SLACK)
    assert not machine.clock.doubtful(NOON, None, SLACK)


@pytest.mark.parametrize("jump", [timedelta(days=1), -timedelta(minutes=11)])
def test_a_clock_that_jumps_is_doubted_until_the_time_is_told(machine: Machine, jump: timedelta) -> None:
    machine.wall += jump
    assert machine.clock.doubtful(machine.clock.now(), None, SLACK)
    machine.clock.tell(NOON, took=0)
    assert not machine.clock.doubtful(machine.clock.now(), None, SLACK)


async def test_any_answer_puts_a_clock_right_that_is_far_off(machine: Machine) -> None:
    await machine.clock.hear(httpx.Response(401, headers={"date": "Wed, 10 Mar 2027 12:00:00 GMT"}))
    assert machine.clock.now() == datetime(2027, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("said", ["Tue, 10 Mar 2026 12:00:15 GMT", "yesterday", "", "Tue, 10 Mar 2026 09:00:00"])
async def test_an_answer_that_is_near_or_says_nothing_changes_nothing(machine: Machine, said: str) -> None:
    await machine.clock.hear(httpx.Response(200, headers={"date": said}))
    await machine.clock.hear(httpx.Response(200))
    assert machine.clock.now() == NOON


def test_the_real_clock_goes_on() -> None:
    clock = Clock()
    assert abs(clock.now() - now()) < timedelta(seconds=1)
    clock.tell(NOON, took=0)
    assert NOON <= clock.now() < NOON + timedelta(seconds=5)

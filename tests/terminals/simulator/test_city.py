import random
from collections import Counter

import pytest

from terminals.simulator.city import BEGINS, ENDS, Rider, arrivals, busy, hour_at, part_of_day, people


def day(seed: int, rate: float = 50, seconds: float = 100) -> list[float]:
    return list(arrivals(random.Random(seed), rate, seconds))


def test_a_day_has_about_as_many_arrivals_as_its_rate_says_in_their_order() -> None:
    came = day(1)
    assert came == sorted(came)
    assert came[0] >= 0
    assert came[-1] < 100
    # five standard deviations of a Poisson number on either side
    assert abs(len(came) - 5_000) < 5 * 5_000**0.5


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    assert day(1) == day(1) != day(2)


def test_mornings_and_evenings_are_busier_than_the_hours_between() -> None:
    hours = Counter(int(hour_at(at / 100)) for at in day(3))
    assert min(hours[7], hours[17]) > 2 * max(hours[10], hours[22])
    assert busy(7.5) > busy(12.5) > busy(10)


@pytest.mark.parametrize(("part", "hour", "ride"), [(0, BEGINS, 0), (0.4, 12.6, 1), (0.6, 16.4, 2), (1, ENDS, 2)])
def test_a_part_of_the_day_is_an_hour_with_its_ride(part: float, hour: float, ride: int) -> None:
    assert hour_at(part) == pytest.approx(hour)
    assert part_of_day(hour_at(part)) == ride


def test_everybody_rides_on_vehicles_and_goes_to_venues_at_noon() -> None:
    riders = people(["a", "b", "c"], [0, 1], [2], random.Random(1))
    assert [rider.shown for rider in riders] == ["a", "b", "c"]
    assert {rider.rides[1] for rider in riders} == {2}
    assert {number for rider in riders for number in (rider.rides[0], rider.rides[2])} <= {0, 1}


def test_a_fleet_of_one_kind_serves_the_whole_day() -> None:
    assert (
        people(["a"], [], [3], random.Random(1)) == people(["a"], [3], [], random.Random(1)) == [Rider("a", (3, 3, 3))]
    )

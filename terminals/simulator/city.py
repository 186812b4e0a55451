"""A day of a city: people ride to work in the morning, go somewhere at noon, and ride home in the evening."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BEGINS, ENDS = 5.0, 24.0
"""Hours between which the city is awake."""
NOON_FROM, NOON_UNTIL = 11.0, 15.0
_PEAKS = ((7.5, 0.8, 1.0), (12.5, 1.0, 0.5), (17.0, 1.2, 0.9))
"""Hour, width in hours, height."""
_QUIET = 0.1


def busy(hour: float) -> float:
    """How many people are on their way at an hour, as a part of the most there can be at once (about 1)."""
    return _QUIET + sum(height * math.exp(-(((hour - peak) / width) ** 2)) for peak, width, height in _PEAKS)


_STEPS = 1_000
_SAMPLES = [busy(BEGINS + (ENDS - BEGINS) * (n + 0.5) / _STEPS) for n in range(_STEPS)]
_MEAN, _MOST = sum(_SAMPLES) / _STEPS, max(_SAMPLES)


def hour_at(part: float) -> float:
    """The hour of the day when so much of the awake day (0 to 1) has gone by."""
    return BEGINS + (ENDS - BEGINS) * part


def arrivals(rng: random.Random, rate: float, seconds: float) -> Iterator[float]:
    """Seconds from the beginning at which somebody taps: `rate` a second in the mean of the day, more in its peaks.

    Poisson, by thinning (Lewis and Shedler, 1979): nobody waits for anybody else.
    """
    at = rng.expovariate(rate * _MOST / _MEAN)
    while at < seconds:
        if rng.random() * _MOST < busy(hour_at(at / seconds)):
            yield at
        at += rng.expovariate(rate * _MOST / _MEAN)


@dataclass(frozen=True, slots=True)
class Rider:
    """What somebody shows, and at which terminals (numbers): on the way out, at noon, on the way home."""

    shown: str
    rides: tuple[int, int, int]


def part_of_day(hour: float) -> int:
    """Which of the three rides of a person belongs to an hour."""
    return (hour >= NOON_FROM) + (hour >= NOON_UNTIL)


def people(tokens: Sequence[str], vehicles: Sequence[int], venues: Sequence[int], rng: random.Random) -> list[Rider]:
    """A person for each token, with rides of their own; where there are no venues they ride at noon too, and so on."""
    riding, visiting = vehicles or venues, venues or vehicles
    return [Rider(it, (rng.choice(riding), rng.choice(visiting), rng.choice(riding))) for it in tokens]

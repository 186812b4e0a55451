"""The day as it is played: people come, networks go and come again, and in the end everything is sent."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from terminals.clock import elapsed
from terminals.simulator.city import Rider, arrivals, hour_at, part_of_day
from terminals.simulator.network import Network, Partition
from terminals.simulator.stand import Stand

PATIENCE = 60.0
"""Seconds that a fleet has to take its bundle, to answer those who still stand in line, and to send the rest."""
STEP_UP = 0.1
"""Seconds from an answer to the tap of the next person."""
_LOOK = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """A day of so many seconds: `rate` taps a second whoever waits, or with None one after another.

    The same `seed` gives the same riders, arrivals and partitions.
    """

    seconds: float
    rate: float | None
    partitions: Sequence[Partition]
    seed: int


async def play(stands: Sequence[Stand], riders: Sequence[Rider], plan: Plan) -> None:
    """Plays the day on terminals that are approved."""
    stop, rng = asyncio.Event(), _drawn(plan, "day")
    hit = [(partition, partition.chosen([stand.network for stand in stands], rng)) for partition in plan.partitions]
    working = [asyncio.create_task(stand.work(stop)) for stand in stands]
    await _until(lambda: all(stand.fault or stand.terminal.holding.seq is not None for stand in stands))
    cuts = [asyncio.create_task(_cut(partition, networks)) for partition, networks in hit]
    await (_closed(stands, riders, plan) if plan.rate is None else _open(stands, riders, plan, plan.rate, rng))
    await _cancelled(cuts)
    stop.set()
    await asyncio.gather(*working)
    await asyncio.gather(*(stand.finish(PATIENCE) for stand in stands))


async def _open(stands: Sequence[Stand], riders: Sequence[Rider], plan: Plan, rate: float, rng: random.Random) -> None:
    """People come whether or not those before them are served; what they wait in line counts."""
    serving = [asyncio.create_task(stand.serve()) for stand in stands]
    began = elapsed()
    for at in arrivals(rng, rate, plan.seconds):
        await asyncio.sleep(began + at - elapsed())
        rider = rng.choice(riders)
        number = rider.rides[part_of_day(hour_at(at / plan.seconds))]
        stands[number].arrive(rider.shown, began + at)
    await asyncio.sleep(began + plan.seconds - elapsed())
    await _until(lambda: all(stand.fault or stand.idle for stand in stands))
    await _cancelled(serving)


async def _closed(stands: Sequence[Stand], riders: Sequence[Rider], plan: Plan) -> None:
    """At each terminal the next person taps when the one before has an answer and has gone on."""
    here: dict[tuple[int, int], list[Rider]] = defaultdict(list)
    for rider in riders:
        for part, number in enumerate(rider.rides):
            here[part, number].append(rider)
    began = elapsed()

    async def one_by_one(number: int, stand: Stand) -> None:
        rng = _drawn(plan, f"stand {number}")
        while (gone := (elapsed() - began) / plan.seconds) < 1 and not stand.fault:
            if those := here[part_of_day(hour_at(gone)), number]:
                await stand.tap(rng.choice(those).shown, elapsed())
            await asyncio.sleep(STEP_UP)

    await asyncio.gather(*(one_by_one(number, stand) for number, stand in enumerate(stands)))


async def _cut(partition: Partition, networks: Sequence[Network]) -> None:
    await asyncio.sleep(partition.begins)
    for network in networks:
        network.cut()
    try:
        await asyncio.sleep(partition.ends - partition.begins)
    finally:
        for network in networks:
            network.mend()


def _drawn(plan: Plan, what: str) -> random.Random:
    return random.Random(f"{plan.seed} {what}")  # noqa: S311  # no secret


async def _until(true: Callable[[], bool]) -> None:
    """Waits until it is so, or for as long as one can be expected to."""
    patience = elapsed() + PATIENCE
    while not true() and elapsed() < patience:  # noqa: ASYNC110 - it has many causes
        await asyncio.sleep(_LOOK)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

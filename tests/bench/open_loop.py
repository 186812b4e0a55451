"""Open loop: taps arrive at random moments at a given rate, whether or not earlier ones are answered (Poisson).

A latency runs from the moment at which a tap was meant to be sent, so a stall shows in every tap that it delays. The
generator looks at its clock once a millisecond, which the latencies include.
"""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field

from tests.bench.numbers import percentile
from tests.bench.stage import Server
from tests.bench.taps import Bodies, Wire, connect

CONNECTIONS = 256
_STEP = 0.001
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the intended start to the answer, at `rate` taps a second; `faults` were not accepted."""

    rate: int
    taps: int
    p50: float
    p99: float
    faults: int


@dataclass(slots=True)
class _Arrivals:
    """Taps that are due but wait for a free connection, those under way, and the latencies of the answered."""

    bodies: Bodies
    free: deque[Wire] = field(default_factory=deque)
    due: deque[float] = field(default_factory=deque)
    sent: dict[Wire, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    faults: int = 0

    def arrive(self, meant: float) -> None:
        self.due.append(meant)
        self._dispatch()

    def answered(self, wire: Wire, status: int, body: bytes) -> None:
        self.seconds.append(time.perf_counter() - self.sent.pop(wire))
        self.faults += status != 200 or b'"ACCEPT"' not in body
        self.free.append(wire)
        self._dispatch()

    def _dispatch(self) -> None:
        while self.due and self.free:
            wire = self.free.popleft()
            self.sent[wire] = self.due.popleft()
            wire.send(self.bodies.next())


async def open_loop(server: Server, bodies: Bodies, rate: int, seconds: float) -> Latency:
    """Sends `rate` taps a second for `seconds`; the answers that are still missing then count as faults."""
    arrivals = _Arrivals(bodies)
    wires = await connect(server.port, CONNECTIONS, arrivals.answered)
    arrivals.free.extend(wires)
    number = await _send_all(arrivals, rate, seconds)
    await _await_answers(arrivals)
    for wire in wires:
        wire.close()
    answered = [1000 * one for one in arrivals.seconds]
    lost = number - len(answered)
    return Latency(rate, number, percentile(answered, 50), percentile(answered, 99), arrivals.faults + lost)


async def _send_all(arrivals: _Arrivals, rate: int, seconds: float) -> int:
    drawn, number = random.Random(rate), 0
    began = time.perf_counter()
    meant = began + drawn.expovariate(rate)
    while meant < began + seconds:
        while meant <= time.perf_counter():
            arrivals.arrive(meant)
            number += 1
            meant += drawn.expovariate(rate)
        await asyncio.sleep(_STEP)
    return number


async def _await_answers(arrivals: _Arrivals) -> None:
    give_up = time.perf_counter() + _PATIENCE
    while (arrivals.sent or arrivals.due) and time.perf_counter() < give_up:  # noqa: ASYNC110 - nobody signals it
        await asyncio.sleep(0.01)

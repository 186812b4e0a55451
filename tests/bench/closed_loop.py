"""Closed loop: each connection taps again as soon as it is answered. What a tap costs, with the machine busy."""

import asyncio
import time

from tests.bench.cpu import Meter, Spent
from tests.bench.stage import Server, Stage
from tests.bench.taps import Bodies, Wire, connect

CONNECTIONS = 64
WARM_UP = 1.0


class _Loop:
    """Counts answers and sends the next tap on the same connection; anything but an accepted tap is a fault."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies
        self.answered = 0
        self.fault: bytes | None = None
        self.running = True

    def next(self, wire: Wire, status: int, body: bytes) -> None:
        if status != 200 or b'"ACCEPT"' not in body:
            self.fault = body
        self.answered += 1
        if self.running:
            wire.send(self.bodies.next())


async def closed_loop(on: Stage, server: Server, bodies: Bodies, seconds: float) -> Spent:
    """Taps for `seconds` after a warm-up; returns what each of them cost.

    Raises:
        RuntimeError: a tap was not accepted, so something else was measured than meant.
    """
    loop = _Loop(bodies)
    wires = await connect(server.port, CONNECTIONS, loop.next)
    for wire in wires:
        wire.send(bodies.next())
    await asyncio.sleep(WARM_UP)
    meter, before, began = Meter(server.pid, on.postmaster), loop.answered, time.perf_counter()
    await asyncio.sleep(seconds)
    spent = meter.spent(max(loop.answered - before, 1), time.perf_counter() - began)
    loop.running = False
    # the last answers come in before the connections close
    await asyncio.sleep(0.5)
    for wire in wires:
        wire.close()
    if loop.fault is not None:
        raise RuntimeError(f"a tap was not accepted: {loop.fault.decode(errors='replace')}")
    return spent

"""The bus of the demo: a terminal with its loops, and a network that can be taken away from it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx

from amis.demo import memory
from amis.demo.memory import Memory
from amis.demo.town import approve_terminal, pairing_code
from amis.kernel.settings import Settings
from cards.pair import move, pair
from terminals.agent import Terminal
from terminals.bundle.policy import Policy
from terminals.running import run
from terminals.simulator.network import Network

_LOOK = 0.02
_PATIENCE_MS = 60_000
_PATIENCE = 20.0
"""Seconds that the bus has to take up what was published."""


class BusLate(RuntimeError):
    """The bus did not take up in time what it must."""


class Patient(Terminal):
    """A terminal that decides alone where it has no network, and never because a small machine is busy."""

    @property
    def policy(self) -> Policy | None:
        """As it is held, with more time for the service."""
        held = super().policy
        return None if held is None else replace(held, online_ms=_PATIENCE_MS)


class Bus:
    """The terminal in the bus and its network."""

    def __init__(self, terminal: Terminal, network: Network) -> None:
        self.terminal = terminal
        self.network = network

    async def until(self, so: Callable[[], bool], what: str) -> None:
        """Waits until it is so.

        Raises:
            BusLate: with `what` was waited for.
        """
        for _ in range(int(_PATIENCE / _LOOK)):
            if so():
                return
            await asyncio.sleep(_LOOK)
        raise BusLate(f"the bus has not {what}")


@asynccontextmanager
async def bus_at_work(settings: Settings, kept: Memory, http: httpx.AsyncClient) -> AsyncIterator[Bus]:
    """The bus, paired with the address that the service has today, for the length of the block."""
    home, stop = memory.terminal_home(settings), asyncio.Event()
    way = httpx.AsyncHTTPTransport()
    network = Network(way)
    await _paired(settings, kept, home, http)
    async with way, httpx.AsyncClient(transport=network, timeout=40) as own:
        terminal = Patient(home, own, say=lambda _: None)
        bus = Bus(terminal, network)
        working = asyncio.create_task(run(terminal, stop))
        try:
            await bus.until(lambda: terminal.policy is not None, "taken its first bundle")
            yield bus
        finally:
            stop.set()
            await asyncio.gather(working, return_exceptions=True)
            terminal.journal.close()


async def _paired(settings: Settings, kept: Memory, home: Path, http: httpx.AsyncClient) -> None:
    if (home / "pairing.json").exists():
        move(home, settings.public_url)
        return
    machine_id = UUID(kept.terminal)
    await pair(settings.public_url, await pairing_code(machine_id), home, http)
    await approve_terminal(machine_id)

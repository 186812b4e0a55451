"""One terminal of the fleet: people stand in line at it, it is at work meanwhile, and what it answered is counted."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import httpx

from terminals.agent import Terminal
from terminals.clock import Clock, elapsed
from terminals.errors import TerminalError
from terminals.message import Answer, Tap
from terminals.presence import Presence
from terminals.running import run
from terminals.simulator.enlist import CARRIER, Entry
from terminals.simulator.network import Network
from terminals.upload import Upload

FARE, TICKET = Decimal("0.85"), Decimal("3.00")
"""The full price in euros of a ride, and of what a venue sells."""
_AGAIN = 0.5
"""Seconds between two attempts to finish."""


@dataclass(frozen=True, slots=True)
class Done:
    """An answer, and the seconds to it from the moment at which the tap was meant to happen."""

    answer: Answer
    seconds: float


@dataclass(slots=True)
class Stand:
    """A terminal with its network. `done` are its answers; `fault` says why it has stopped working."""

    terminal: Terminal
    network: Network
    gross: Decimal
    done: list[Done] = field(default_factory=list)
    line: asyncio.Queue[tuple[str, float]] = field(default_factory=asyncio.Queue)
    serving: bool = False
    fault: str = ""

    @property
    def machine(self) -> str:
        """The terminal's id."""
        return self.terminal.link.pairing.machine_id

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return self.line.empty() and not self.serving

    def arrive(self, shown: str, meant: float) -> None:
        """Somebody stands in line since `meant` (`terminals.clock.elapsed`)."""
        self.line.put_nowait((shown, meant))

    async def tap(self, shown: str, meant: float) -> None:
        """One tap to its answer."""
        try:
            answer = await self.terminal.validate(Tap(shown, self.terminal.clock.now(), self.gross))
        except TerminalError as error:
            self.fault = str(error)
        else:
            self.done.append(Done(answer, elapsed() - meant))
        # what is decided alone waits for nothing, and the other terminals of this program have their turn too
        await asyncio.sleep(0)

    async def serve(self) -> None:
        """Takes people in the order in which they came, for ever or until it can no more."""
        while not self.fault:
            shown, meant = await self.line.get()
            self.serving = True
            await self.tap(shown, meant)
            self.serving = False

    async def work(self, stop: asyncio.Event) -> None:
        """Does beside the taps what every terminal does, until `stop`."""
        try:
            await run(self.terminal, stop)
        except TerminalError as error:
            self.fault = str(error)

    async def finish(self, patience: float) -> None:
        """Sends what the service does not know yet and says so; gives up after so many seconds."""
        terminal, until = self.terminal, elapsed() + patience
        presence = Presence(terminal.link, lambda: terminal.holding, terminal.journal, terminal.clock)
        while not self.fault and elapsed() < until:
            with suppress(TerminalError):
                terminal.close_interrupted()
                await Upload(terminal.link, terminal.journal).send_all()
                await presence.tell()
                return
            await asyncio.sleep(_AGAIN)


def stand_of(entry: Entry, home: Path, way: httpx.AsyncBaseTransport) -> tuple[Stand, httpx.AsyncClient]:
    """A paired terminal over `way`, and its client, to be closed.

    Raises:
        NotPaired, StoreDamaged, StoreLocked, JournalForeign, JournalFull, JournalDamaged
    """
    clock, network = Clock(), Network(way)
    http = httpx.AsyncClient(transport=network, timeout=10, event_hooks={"response": [clock.hear]})
    terminal = Terminal(home / entry.machine, http, clock=clock, say=lambda _: None)
    return Stand(terminal, network, FARE if entry.kind == CARRIER else TICKET), http

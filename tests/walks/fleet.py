"""A fleet of terminals of the bus company, driven by hand: nothing happens between two steps of a test."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from psycopg import AsyncConnection

from amis.demo.bus import Patient
from amis.demo.town import approve_terminal, install_terminal
from amis.kernel import clock
from amis.kernel.keys import keystore
from amis.validating.publisher import Publisher
from cards.pair import pair
from terminals.clock import Clock
from terminals.fetch import Feed
from terminals.message import Answer, Tap
from terminals.presence import Presence
from terminals.simulator.network import Network
from terminals.upload import Upload
from tests.town import FARE, Site
from tests.walks.tapping import Holder


@dataclass(frozen=True, slots=True)
class Told:
    """What a passenger was told, where, when."""

    machine: str
    holder: Holder
    at: datetime
    answer: Answer


class Vehicle:
    """One terminal, its network, and all that it has told people."""

    def __init__(self, machine: str, home: Path, network: Network, http: httpx.AsyncClient) -> None:
        self.machine = machine
        self.network = network
        self.told: list[Told] = []
        self.cut_short = 0
        self._home = home
        self._http = http
        self._open()

    async def tap(self, holder: Holder) -> Answer:
        """A tap of somebody; it is decided online exactly where there is a network."""
        at = self.terminal.clock.now()
        answer = await self.terminal.validate(Tap(holder.shown, at, FARE))
        assert answer.online is self.network.up
        self.told.append(Told(self.machine, holder, at, answer))
        return answer

    async def alone(self, holder: Holder) -> Answer:
        """A tap while the network is gone for a moment."""
        self.network.cut()
        answer = await self.tap(holder)
        self.network.mend()
        self.terminal.link.up = self.network.up
        return answer

    def throw_away(self, holder: Holder) -> None:
        """The power goes in the middle of a tap of somebody, and comes again: nobody was told anything."""
        journal, at = self.terminal.journal, self.terminal.clock.now()
        journal.begin(Tap(holder.shown, at, FARE).body, at)
        self._open()
        self.cut_short += self.terminal.close_interrupted()

    async def follow(self, newest: int) -> None:
        """Takes what is published, up to the number `newest`."""
        for _ in range(100):
            await self._feed.poll(0)
            if self.terminal.holding.seq == newest:
                return
        raise AssertionError(f"{self.terminal.holding.seq} is held instead of {newest}")

    async def catch_up(self, newest: int) -> None:
        """Sends what was decided alone, takes what is published, and says so."""
        terminal = self.terminal
        await Upload(terminal.link, terminal.journal).send_all()
        await self.follow(newest)
        await Presence(terminal.link, lambda: terminal.holding, terminal.journal, terminal.clock).tell()

    def _open(self) -> None:
        self.terminal = Patient(self._home, self._http, clock=Clock(clock.now), say=lambda _: None)
        self._feed = Feed(self.terminal.link, lambda: self.terminal.holding, clock.now, self.terminal.keep)


@dataclass
class Fleet:
    """All vehicles, and the one publisher of what they follow."""

    vehicles: list[Vehicle]
    worker: AsyncConnection
    publisher: Publisher
    cut: list[Vehicle] = field(default_factory=list)

    @property
    def connected(self) -> list[Vehicle]:
        """Those that have a network."""
        return [vehicle for vehicle in self.vehicles if vehicle.network.up]

    @property
    def told(self) -> list[Told]:
        """What all passengers were told."""
        return [told for vehicle in self.vehicles for told in vehicle.told]

    def part(self, cut: Sequence[Vehicle]) -> None:
        """Takes the network away from some."""
        self.cut = list(cut)
        for vehicle in cut:
            vehicle.network.cut()

    def heal(self) -> list[Vehicle]:
        """All have a network again; those that had none."""
        for vehicle in self.cut:
            vehicle.network.mend()
            vehicle.terminal.link.up = True
        healed, self.cut = self.cut, []
        return healed

    async def publish(self) -> int:
        """Publishes what waits; those with a network take it. The newest number."""
        while await self.publisher.look(self.worker, clock.now()) is not None:
            pass
        newest = self.publisher.now.seq
        for vehicle in self.connected:
            await vehicle.follow(newest)
        return newest


@asynccontextmanager
async def fleet_of(site: Site, number: int) -> AsyncIterator[Fleet]:
    """So many paired terminals; nothing is published yet."""
    assert site.settings.database_worker_url is not None
    async with AsyncExitStack() as stack:
        address = site.settings.database_worker_url
        worker = await stack.enter_async_context(await AsyncConnection.connect(address, autocommit=True))
        vehicles = [await _vehicle(site, n, stack) for n in range(number)]
        yield Fleet(vehicles, worker, Publisher(keystore(), site.url))


async def _vehicle(site: Site, number: int, stack: AsyncExitStack) -> Vehicle:
    machine, code = await install_terminal(site.town, f"bus {number}")
    home, way = site.home / f"fleet-{number}", await stack.enter_async_context(httpx.AsyncHTTPTransport())
    network = Network(way)
    await pair(site.url, code, home, site.http)
    await approve_terminal(machine)
    http = await stack.enter_async_context(httpx.AsyncClient(transport=network, timeout=60))
    return Vehicle(str(machine), home, network, http)

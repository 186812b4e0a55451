"""The terminal's program beside the real service: it asks, decides alone, uploads, is told of a block, and its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY
from psycopg import AsyncConnection

from amis.demo.town import approve_terminal, install_terminal
from amis.intake import canary
from amis.intake.freshness import Watch, freshness
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from amis.staff import machine_service
from amis.validating.publisher import LOOK_EVERY, Publisher
from cards.pair import pair
from cards.token import BlockReason
from terminals.agent import Terminal
from terminals.clock import Clock
from terminals.message import Answer, Tap
from terminals.reserving import Reserving
from terminals.running import run
from tests.town import CLERK, FARE, Site, needy


class Network(httpx.AsyncHTTPTransport):
    """What lies between terminal and service: it can be cut, and it can lose answers."""

    cut = False
    loses = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("cut")
        response = await super().handle_async_request(request)
        if self.loses and request.url.path == "/v1/validations":
            await response.aclose()
            raise httpx.ReadError("lost")
        return response


class Bus:
    """A terminal at work in the town, and what it said."""

    def __init__(self, terminal: Terminal, network: Network, machine: UUID) -> None:
        self.terminal, self.network, self.machine = terminal, network, machine

    async def tap(self, shown: str) -> Answer:
        return await self.terminal.validate(Tap(shown, self.terminal.clock.now(), FARE))

    async def offline(self, shown: str) -> Answer:
        """A tap without a connection."""
        self.network.cut = True
        answer = await self.tap(shown)
        self.network.cut = False
        self.terminal.link.up = True
        assert not answer.online
        return answer

    async def settled(self) -> None:
        """Waits until the service has answered for every line."""
        await until(lambda: self.terminal.journal.waiting() == 0)
        assert self.terminal.journal.refusals() == []


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not true():  # noqa: ASYNC110 - what is waited for makes no event here
            await asyncio.sleep(0.02)


@asynccontextmanager
async def publishing(site: Site) -> AsyncIterator[None]:
    """The worker's publisher at work."""
    assert site.settings.database_worker_url is not None

    async def work(connection: AsyncConnection) -> None:
        publisher = Publisher(keystore(), site.url)
        while True:
            await publisher.look(connection, clock.now())
            await asyncio.sleep(LOOK_EVERY)

    async with await AsyncConnection.connect(site.settings.database_worker_url, autocommit=True) as connection:
        task = asyncio.create_task(work(connection))
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bus(site: Site, holder: tuple[UUID, str]) -> AsyncIterator[Bus]:
    """A terminal that has its bundle and goes on following it."""
    machine, code = await install_terminal(site.town, "bus 7")
    home = Path(site.home) / "runtime"
    await pair(site.url, code, home, site.http)
    await approve_terminal(machine)
    network, stop = Network(), asyncio.Event()
    async with publishing(site), httpx.AsyncClient(transport=network, timeout=40) as http:
        terminal = Terminal(home, http, clock=Clock(clock.now), say=lambda _: None)
        task = asyncio.create_task(run(terminal, stop))
        await until(lambda: terminal.holding.seq is not None or task.done())
        yield Bus(terminal, network, machine)
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def holder(site: Site) -> tuple[UUID, str]:
    """A needy person's token and what it shows: twenty rides a month. It is there before the first bundle."""
    today = clock.today()
    assert await site.states(needy("R-1", 1, today, today + timedelta(days=90))) == ["applied"]
    return await site.issue()


async def test_taps_are_recorded_once_each_whoever_decided_them(bus: Bus, holder: tuple[UUID, str]) -> None:
    _, shown = holder
    online = await bus.tap(shown)
    alone = [await bus.offline(shown) for _ in range(2)]
    assert [answer.verdict for answer in (online, *alone)] == ["ACCEPT"] * 3
    assert [answer.quota_left for answer in (online, *alone)] == [19, 18, 17]
    await bus.settled()
    assert (await bus.tap(shown)).quota_left == 16
    bus.network.loses = True
    lost = await bus.tap(shown)
    bus.network.loses = False
    assert (lost.online, lost.quota_left) == (False, 15)
    await bus.settled()
    bus.terminal.link.up = True
    assert (await bus.tap(shown)).quota_left == 14
    await _cut_short(bus, shown)
    assert (await bus.tap(shown)).quota_left == 13


def observed(of: str, stage: str) -> float:
    """How many of these the metrics of this process have counted."""
    return REGISTRY.get_sample_value("amis_freshness_seconds_count", {"of": of, "stage": stage}) or 0.0


async def test_how_fast_real_changes_reach_terminals_is_measured(
    site: Site, bus: Bus, holder: tuple[UUID, str]
) -> None:
    watch, before = Watch(), [observed("change", stage) for stage in ("sequenced", "acked")]
    async with transaction(CLERK) as tx:
        await issuing.block(tx, holder[0], BlockReason.LOST)
    async with await AsyncConnection.connect(site.settings.database_worker_url or "", autocommit=True) as connection:
        async with asyncio.timeout(15):
            while observed("change", "sequenced") == before[0] or observed("change", "acked") == before[1]:
                await watch.look(connection)
                await asyncio.sleep(0.1)
    assert observed("change", "sequenced") == before[0] + 1


async def test_a_canary_is_followed_until_the_terminal_holds_what_it_changed(site: Site, bus: Bus) -> None:
    flown = observed("canary", "acked")
    settings = site.settings
    async with await AsyncConnection.connect(settings.database_worker_url or "", autocommit=True) as connection:
        # the first one opens the list of the canary, later ones turn its entry
        for number in (1, 2, 3):
            before = bus.terminal.holding.seq
            await canary.fly(settings, connection)
            assert bus.terminal.holding.seq != before
            async with transaction(CLERK) as tx:
                seen = await freshness(tx)
            assert seen is not None
            assert (seen.number, seen.error, seen.live, seen.holding) == (number, None, 1, 1)
            assert all(stage.last is not None and stage.count == number for stage in seen.stages)
    assert observed("canary", "acked") == flown + 3


async def _cut_short(bus: Bus, shown: str) -> None:
    """The service decides a tap, and then the terminal's power goes: nobody was shown anything."""
    journal, tap = bus.terminal.journal, Tap(shown, clock.now(), FARE)
    _, body = journal.begin(tap.body, tap.at)
    answer = await bus.terminal.link.ask("POST", "/v1/validations", body, "application/json")
    assert answer.json()["quota_left"] == 13
    assert bus.terminal.close_interrupted() == 1
    bus.terminal.decided.set()
    await bus.settled()


async def test_units_set_aside_hold_without_a_connection_and_a_block_arrives_in_a_moment(
    bus: Bus, holder: tuple[UUID, str]
) -> None:
    token, shown = holder
    terminal = bus.terminal
    assert terminal.policy is not None
    code = next(number for number, dated in terminal.policy.concessions.items() if dated[0].quota)
    reserving = Reserving(terminal.link, terminal.journal, lambda: terminal.holding)
    until_then = clock.now() + timedelta(hours=1)
    assert (await reserving.ask(shown, code, 4, until_then, clock.now())).units == 4
    assert [(await bus.offline(shown)).quota_left for _ in range(3)] == [3, 2, 1]
    await bus.settled()
    await reserving.give_back(until_then)
    assert terminal.journal.reserves() == []
    assert (await bus.tap(shown)).quota_left == 16
    held = terminal.holding.seq
    async with transaction(CLERK) as tx:
        await issuing.block(tx, token, BlockReason.LOST)
    await until(lambda: terminal.holding.seq != held)
    assert (await bus.offline(shown)).reason == "TOKEN_BLOCKED"


async def test_a_revoked_terminal_is_wiped_and_what_it_had_to_tell_is_not_lost(
    site: Site, bus: Bus, holder: tuple[UUID, str]
) -> None:
    _, shown = holder
    bus.network.cut = True
    await bus.tap(shown)
    async with transaction(system("test")) as tx:
        await machine_service.revoke(tx, bus.machine, "stolen")
    bus.network.cut = False
    await until(bus.terminal.revoked.is_set)
    assert bus.terminal.policy is None
    assert bus.terminal.journal.waiting() == 1
    assert (await bus.tap(shown)).text["en"] == "The terminal does not work. It was withdrawn from service"

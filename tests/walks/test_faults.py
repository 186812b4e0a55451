"""Terminals on a network that damages half of all exchanges: every tap counts once, as the passenger saw it."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from amis.demo.town import approve_terminal, install_terminal
from amis.kernel import clock
from amis.kernel.db import transaction
from cards.pair import pair
from terminals.agent import Terminal
from terminals.clock import Clock
from terminals.errors import TerminalError
from terminals.fetch import Feed
from terminals.message import Answer, Tap
from terminals.upload import Upload
from tests.town import CLERK, FARE, Site
from tests.walks.counts import count
from tests.walks.fault_proxy import FaultProxy, faulty
from tests.walks.tapping import Holder, holders

DAMAGED = count(test=50, check=500, deep=10_000)
TERMINALS, HOLDERS = 4, 3
SHARE = 0.5
Key = tuple[str, int]
_NET = """
SELECT terminal_id::text, seq, sum(CASE verdict WHEN 'REVERSED' THEN -1 ELSE 1 END)::integer
FROM use GROUP BY terminal_id, seq
"""
_COUNTED = """
SELECT (SELECT sum(used) FROM quota_counter), (SELECT sum(quota_units) FROM use),
    (SELECT bool_and(used <= lim) FROM quota_counter)
"""


class Through(httpx.AsyncHTTPTransport):
    """Every request goes to another port than it is addressed to, on a connection of its own."""

    def __init__(self, port: int) -> None:
        super().__init__(limits=httpx.Limits(max_keepalive_connections=0))
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._port)
        return await super().handle_async_request(request)


class Rider:
    """A terminal at which people tap, and what it told them."""

    def __init__(self, machine: str, terminal: Terminal) -> None:
        self.machine, self.terminal = machine, terminal
        self.told: dict[Key, Answer] = {}
        self._upload = Upload(terminal.link, terminal.journal)

    async def tap(self, shown: str) -> None:
        """One tap; what is alone too long is sent now and then."""
        self.terminal.link.up = True
        answer = await self.terminal.validate(Tap(shown, clock.now(), FARE))
        self.told[self.machine, answer.seq] = answer
        if answer.seq % 3 == 0:
            await self.send()

    async def send(self) -> None:
        """Tries to upload."""
        try:
            await self._upload.send_all()
        except TerminalError:
            return


@pytest.fixture
async def riders(site: Site) -> AsyncIterator[tuple[FaultProxy, list[Rider]]]:
    """Terminals that have their bundle, behind the proxy, which does no harm yet."""
    port = urlsplit(site.url).port
    assert port is not None
    async with AsyncExitStack() as stack:
        proxy, way = await stack.enter_async_context(faulty(port, random.Random(11), 0.0))
        made = []
        for number in range(TERMINALS):
            machine, code = await install_terminal(site.town, f"bus {number}")
            home = site.home / f"fault-{number}"
            await pair(site.url, code, home, site.http)
            await approve_terminal(machine)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=Through(way), timeout=5))
            made.append(Rider(str(machine), Terminal(home, http, clock=Clock(clock.now), say=lambda _: None)))
        yield proxy, made


async def test_whatever_the_network_does_each_tap_counts_once_as_the_passenger_saw_it(
    site: Site, riders: tuple[FaultProxy, list[Rider]]
) -> None:
    proxy, made = riders
    people = await holders(site, "TRUCIGA", HOLDERS)
    await site.publish()
    for rider in made:
        terminal = rider.terminal
        await Feed(terminal.link, lambda terminal=terminal: terminal.holding, clock.now).refresh()  # type: ignore[misc]
    proxy.share = SHARE
    await asyncio.gather(*(_ride(rider, people, proxy) for rider in made))
    proxy.share = 0.0
    for rider in made:
        await rider.send()
        assert rider.terminal.journal.waiting() == 0
        assert rider.terminal.journal.refusals() == []
        rider.terminal.journal.verify()
    await _counted_once(made)


async def _ride(rider: Rider, people: list[Holder], proxy: FaultProxy) -> None:
    rng = random.Random(rider.machine)
    while proxy.damaged.total() < DAMAGED:
        await rider.tap(rng.choice(people).shown)


async def _counted_once(made: list[Rider]) -> None:
    told = {key: answer for rider in made for key, answer in rider.told.items()}
    async with transaction(CLERK) as tx:
        net = Counter({(row[0], row[1]): row[2] for row in await tx.session.execute(text(_NET))})
        used, taken, within = (await tx.session.execute(text(_COUNTED))).one()
    assert set(net) <= set(told)
    assert {key: net[key] for key in told} == {key: int(answer.accepted) for key, answer in told.items()}
    assert within
    assert used == taken

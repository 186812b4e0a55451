"""A card at a terminal beside the real service: by the service's keys, by keys of its own, and units on the chip."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from amis.demo.town import approve_terminal, install_terminal
from amis.issuing.card_content import content_of
from amis.issuing.card_keys import keys_for
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.validating.chip_keys import set_chip_keys
from amis.validating.conflict_store import open_conflicts
from cards.desfire.procedure import run
from cards.pair import pair
from cards.profile import personalise, read_units
from cards.profile.layout import UPDATE
from cards.simcard import VirtualCard
from terminals.agent import CARD_KEYS, Terminal
from terminals.chip_card import look
from terminals.chip_loading import ChipLoading
from terminals.cli import app
from terminals.clock import Clock
from terminals.fetch import Feed
from terminals.message import Answer, Tap
from terminals.running import keys_kept
from terminals.taps import Laid, Offer, laid_down
from terminals.upload import Upload
from tests.issuing.cards_town import in_use, product
from tests.pcscd import Reader
from tests.town import CLERK, FARE, Site, needy


class Bus:
    """A terminal with a reader; `tap` lays the card there."""

    def __init__(self, terminal: Terminal, machine: UUID, chip: VirtualCard) -> None:
        self.terminal, self.machine, self.chip = terminal, machine, chip

    async def tap(self, *, alone: bool = False, serve: bool = False) -> Answer:
        terminal = self.terminal
        terminal.link.up, terminal._ask_from = not alone, 0.0 if not alone else float("inf")
        card = look(self.chip.process, terminal.chip_keys.held, serve=serve)
        return await terminal.validate(Tap(card.shown, clock.now(), FARE), card)

    @property
    def rides(self) -> int:
        """The public code of the concession with a quota."""
        policy = self.terminal.policy
        assert policy is not None
        return next(number for number, dated in policy.concessions.items() if dated[0].quota)

    def left(self) -> int:
        """The units on the chip."""
        return run(read_units(keys_for(CLERK.municipality_id or 0)(self.chip.uid)(UPDATE, 1)), self.chip.process).value


@pytest.fixture
async def chip(site: Site) -> VirtualCard:
    """A needy person's card: twenty rides a month."""
    today = clock.today()
    assert await site.states(needy("R-1", 1, today, today + timedelta(days=90))) == ["applied"]
    await product()
    token = await in_use(await site.person())
    assert token.card_uid is not None
    made = VirtualCard(token.card_uid)
    async with transaction(CLERK) as tx:
        content = await content_of(tx, token.id, made.uid)
    run(personalise(content, 1, keys_for(content.issuer)), made.process)
    return made


@pytest.fixture
async def bus(site: Site, chip: VirtualCard) -> AsyncIterator[Bus]:
    machine, code = await install_terminal(site.town, "bus 9")
    home = Path(site.home) / "reader"
    await pair(site.url, code, home, site.http)
    await approve_terminal(machine)
    await site.publish()
    async with httpx.AsyncClient(timeout=20) as http:
        terminal = Terminal(home, http, clock=Clock(clock.now), say=lambda _: None)
        await Feed(terminal.link, lambda: terminal.holding, terminal.clock.now, terminal.keep).refresh()
        yield Bus(terminal, machine, chip)
        await terminal.chips.service.close()


async def test_units_go_onto_the_card_are_used_without_a_connection_and_recorded_once(site: Site, bus: Bus) -> None:
    terminal = bus.terminal
    served = await bus.tap(serve=True)
    assert (served.online, served.reason, served.quota_left) == (True, "OK", 19)
    await terminal.fetch_keys()
    assert terminal.chip_keys.held is None
    async with transaction(system("operator")) as tx:
        await set_chip_keys(tx, bus.machine, "use")
    kept = asyncio.create_task(keys_kept(terminal))
    while terminal.chip_keys.held is None:  # noqa: ASYNC110 - what is waited for makes no event
        await asyncio.sleep(0.02)
    kept.cancel()
    loading = ChipLoading(terminal.chips.service, terminal.journal)
    loaded = await loading.put(bus.chip.uid, bus.chip.process, bus.rides, 3)
    assert (loaded.units, loaded.on_chip, bus.left()) == (3, 3, 3)
    alone = [await bus.tap(alone=True) for _ in range(2)]
    assert [(one.verdict, one.quota_left) for one in alone] == [("ACCEPT", 2), ("ACCEPT", 1)]
    assert bus.left() == 1
    terminal.link.up = True
    assert await Upload(terminal.link, terminal.journal).send_all() == 2
    assert terminal.journal.refusals() == []
    async with transaction(CLERK) as tx:
        assert await open_conflicts(tx) == {}
    # one use and the three units that lie or lay on the card are gone from the counter
    assert (await bus.tap()).quota_left == 15
    while (online := await bus.tap()).online:
        assert online.verdict == "ACCEPT"
    # where the counter has no more, the card still has one
    assert (online.verdict, online.quota_left, bus.left()) == ("ACCEPT", 0, 0)
    terminal.wipe()
    assert (terminal.chip_keys.held, list((terminal.home / CARD_KEYS).iterdir())) == (None, [])


async def test_a_card_on_a_real_reader_is_served_and_one_torn_away_is_asked_for_again(bus: Bus, reader: Reader) -> None:
    reader.put(bus.chip)
    taps = laid_down(reader.name, lambda: None, Offer(FARE), clock.now, serve=True)
    laid = await anext(taps)
    assert isinstance(laid, Laid)
    assert (await bus.terminal.validate(laid.tap, laid.card)).quota_left == 19
    bus.chip.cut(before=9)
    torn = await bus.terminal.validate(laid.tap, laid.card)
    assert (torn.verdict, torn.text["en"]) == ("DENY", "Put the same card back and hold it still")
    assert bus.terminal.close_interrupted() == 1
    await taps.aclose()  # type: ignore[attr-defined]
    at_home = ["--reader", reader.name, "--home", str(bus.terminal.home)]
    reader.put(bus.chip)
    tapped = await asyncio.to_thread(CliRunner().invoke, app, ["tap", "--online-keys", "--json", *at_home])
    assert (tapped.exit_code, json.loads(tapped.stdout)["quota_left"]) == (0, 18)
    reader.put(bus.chip)
    loaded = await asyncio.to_thread(CliRunner().invoke, app, ["load", str(bus.rides), "--units", "2", *at_home])
    assert (loaded.exit_code, loaded.stdout.strip()) == (0, "2 units put on the card, which has 2")

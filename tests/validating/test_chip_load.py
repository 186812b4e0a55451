"""Units go from a counter to a card, and whatever interrupts it, none is ever in both places."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from amis.validating.lane import Lane
from cards.errors import CardGone
from cards.simcard import VirtualCard
from terminals.chip_link import ChipLink
from terminals.chip_loading import ChipLoading
from terminals.errors import Refused
from terminals.journal import journal_in
from tests.validating.chips import chip_link, chip_of, load_body, loaded, on_chip, service
from tests.validating.conftest import FREE
from tests.validating.journal import Journal, journal
from tests.validating.town import Card, Terminal, Town
from tests.walks.counts import count

EACH = count(test=4, check=1, deep=1)
"""Every so manieth command is the one at which the card is torn away."""


@pytest.fixture
async def ride(town: Town) -> UUID:
    made = await town.add_concession("RIDE", FREE, {"n": 5, "per": "month"})
    await town.db.execute("UPDATE concession SET public_code = 1 WHERE id = %s", (made,))
    return made


@pytest.fixture
async def card(town: Town, ride: UUID) -> Card:
    return await town.add_card(ride)


@pytest.fixture
def chip(card: Card) -> VirtualCard:
    return chip_of(card)


@pytest.fixture
async def terminal(town: Town) -> Terminal:
    return await town.add_terminal()


@pytest.fixture
async def chips(lane: Lane, terminal: Terminal) -> AsyncIterator[ChipLink]:
    async with service(lane) as address, chip_link(address, terminal) as link:
        yield link


async def counter(town: Town) -> int:
    row = await (await town.db.execute("SELECT coalesce(sum(used), 0) FROM quota_counter")).fetchone()
    assert row is not None
    return int(row[0])


async def reserves(town: Town) -> list[tuple[int, int]]:
    found = await town.db.execute("SELECT units, used FROM quota_reserve ORDER BY window_start")
    return [(int(units), int(used)) for units, used in await found.fetchall()]


async def test_units_leave_the_counter_for_the_card_and_the_same_request_again_finds_them_there(
    town: Town, card: Card, chip: VirtualCard, terminal: Terminal, chips: ChipLink, ride: UUID
) -> None:
    body = load_body(terminal, chip, 3)
    first = await chips.ask("load", body, chip.process)
    said = json.loads(first)
    assert (said["units"], said["on_chip"], said["code"]) == (3, 3, ride.hex)
    assert await chips.ask("load", body, chip.process) == first
    found = on_chip(card, chip)
    assert found.newest is not None
    assert (found.value, found.newest.delta, found.newest.quota_after, found.newest.concession) == (3, 3, 3, 1)
    assert (await counter(town), await reserves(town)) == (3, [(3, 0)])
    assert json.loads(await loaded(chips, terminal, chip, 5))["on_chip"] == 5
    assert (await counter(town), await reserves(town)) == (5, [(5, 0)])
    with pytest.raises(Refused, match="nothing_left"):
        await loaded(chips, terminal, chip, 1)


async def test_wherever_the_card_is_torn_away_the_next_contact_settles_it(
    town: Town, card: Card, chip: VirtualCard, terminal: Terminal, chips: ChipLink
) -> None:
    put = 0
    for apdu in range(1, 26, EACH):
        for order in ({"before": apdu}, {"after": apdu}):
            await town.db.execute("UPDATE quota_counter SET lim = 100000")
            await town.db.execute('UPDATE concession_terms SET quota = \'{"n": 900, "per": "year"}\'')
            body = load_body(terminal, chip, 2)
            chip.cut(**order)
            try:
                await chips.ask("load", body, chip.process)
            except CardGone:
                chip.power_on()
                await chips.ask("load", body, chip.process)
            chip.cut()
            put += 2
            assert on_chip(card, chip).value == put
            assert (await counter(town), await reserves(town)) == (put, [(put, 0)])


async def test_uses_of_units_on_the_card_are_drawn_from_them_whichever_terminal_sends_them(
    town: Town,
    card: Card,
    chip: VirtualCard,
    terminal: Terminal,
    chips: ChipLink,
    ride: UUID,
    client: httpx.AsyncClient,
) -> None:
    await loaded(chips, terminal, chip, 2)
    bus: Journal = await journal(town, client)
    for _ in range(3):
        bus.accepted({"uid": card.uid.hex()}, ride, proof="chip", reserve="chip")
    assert [told["conflicts"] for told in await bus.send()] == [[], [], []]
    # the third was none of the card's, and the counter still had one
    assert (await counter(town), await reserves(town)) == (3, [(2, 2)])


async def test_units_of_a_window_that_is_over_come_back_when_the_card_is_next_loaded(
    town: Town, card: Card, chip: VirtualCard, terminal: Terminal, chips: ChipLink
) -> None:
    await loaded(chips, terminal, chip, 3)
    for table in ("quota_reserve", "quota_counter"):
        await town.db.execute(f"UPDATE {table} SET window_start = %s", (date(2020, 1, 1),))  # type: ignore[arg-type]  # noqa: S608
    assert json.loads(await loaded(chips, terminal, chip, 2))["on_chip"] == 2
    assert on_chip(card, chip).value == 2
    assert (await counter(town), await reserves(town)) == (2, [(0, 0), (2, 0)])


async def test_what_cannot_be_put_on_a_card_is_told_with_a_reason(
    town: Town, card: Card, chip: VirtualCard, terminal: Terminal, chips: ChipLink
) -> None:
    copy = chip_of(card, lambda slot, keyset: bytes((slot % 256, keyset)) * 8)
    other = chip_of(await town.add_card())
    wrong = [(load_body(terminal, copy, 1), copy, "card_not_ours")]
    wrong += [(load_body(terminal, other, 1), other, "not_for_reserves")]
    wrong += [(load_body(terminal, chip, 1, concession=2), chip, "not_for_reserves")]
    wrong += [(load_body(terminal, chip, 0), chip, "/units"), (b"{", chip, "malformed")]
    for body, shown, code in wrong:
        with pytest.raises(Refused, match=code):
            await chips.ask("load", body, shown.process)
    with pytest.raises(CardGone, match="card_swapped"):
        await chips.ask("load", load_body(terminal, chip, 1), other.process)
    assert (await counter(town), await reserves(town)) == (0, [])


async def test_the_terminal_repeats_what_was_cut_short_under_its_number(
    card: Card, chip: VirtualCard, chips: ChipLink, tmp_path: Path
) -> None:
    made = journal_in(tmp_path)
    loading = ChipLoading(chips, made)
    chip.cut(before=20)
    with pytest.raises(CardGone):
        await loading.put(card.uid, chip.process, 1, 2)
    chip.power_on()
    first = await loading.put(card.uid, chip.process, 1, 2)
    assert (first.units, first.on_chip, on_chip(card, chip).value) == (2, 2, 2)
    assert (await loading.put(card.uid, chip.process, 1, 2)).on_chip == 4
    with pytest.raises(Refused):
        await loading.put(card.uid, chip.process, 9, 2)
    assert ([seq for seq, _ in made.refusals()], made.head().pos) == ([3], 0)

"""Units on a card at a terminal without a connection: they come off once for one use, wherever the card is torn."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cards.desfire.procedure import run
from cards.keys.chip import MASTERS, chip_keys
from cards.keys.ring import KeyState, dump, new_key
from cards.profile import EntitlementRecord, LogRecord, load, personalise, read_units
from cards.profile.layout import AID, UPDATE
from cards.simcard import VirtualCard
from terminals import chip_taps
from terminals.agent import Terminal
from terminals.chip_card import ChipCard, OnChip, look
from terminals.chip_keys import HeldKeys
from terminals.chip_units import chip_of
from terminals.errors import JournalFull
from terminals.fetch import Feed
from terminals.message import Answer, Tap
from terminals.shown import read
from tests.cards.profile.table import CONTENT, ISSUER
from tests.terminals.backend import Backend
from tests.terminals.bundle.publisher import AT
from tests.terminals.tokens import card as shown_card
from tests.walks.counts import count

TWENTY, FIVE_A_DAY = 302, 307
UID = bytes.fromhex("04a1b2c3d4e5f6")
KEYS = [new_key(name, 1, KeyState.ACTIVE) for name in MASTERS.values()]
ALL = HeldKeys(dump(KEYS))
TERMINALS = HeldKeys(dump([key for key in KEYS if key.name in ("card/1", "card/2")]))
OF_CHIP = chip_keys(ALL, ISSUER, UID, AID)
STEPS = count(test=3, check=1, deep=1)


def chip_with(units: int, at: datetime = AT, concession: int = TWENTY) -> VirtualCard:
    """A chip of ours on which somebody has put units at a moment."""
    chip = VirtualCard(UID)
    content = replace(
        CONTENT,
        credential=shown_card(concession, uid=UID).credential,
        entitlements=(EntitlementRecord(concession, 0, 50, 0, AT.date(), AT.date() + timedelta(days=90)),),
        quota=0,
    )
    run(personalise(content, 1, lambda _: OF_CHIP), chip.process)
    run(load(OF_CHIP(UPDATE, 1), 0, units, LogRecord(at, b"the desk", concession, 0, 0, 1)), chip.process)
    return again(chip)


def again(chip: VirtualCard) -> VirtualCard:
    """Laid on the reader anew."""
    chip.cut()
    chip.power_off()
    chip.power_on()
    return chip


def left(chip: VirtualCard) -> int:
    return run(read_units(OF_CHIP(UPDATE, 1)), again(chip).process).value


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    """A terminal that has its bundle and no connection."""
    backend = Backend()
    made = await backend.terminal(tmp_path)
    await Feed(made.link, lambda: made.holding, made.clock.now, made.keep).refresh()
    backend.away = True
    yield made
    made.journal.close()


async def laid(terminal: Terminal, chip: VirtualCard, gross: str = "0.85") -> Answer:
    """The answer to a tap of the card that lies there."""
    card = look(again(chip).process, TERMINALS)
    return await terminal.validate(Tap(card.shown, AT, Decimal(gross)), card)


def uses(terminal: Terminal) -> list[tuple[str, object]]:
    said = [json.loads(line) for _, line in terminal.journal.unsent()]
    return [(line["verdict"], line.get("reserve")) for line in said]


async def test_a_use_comes_off_the_card_and_the_line_says_so(terminal: Terminal) -> None:
    chip = chip_with(2)
    answers = [await laid(terminal, chip) for _ in range(2)]
    assert [(one.verdict, one.quota_left, one.payable) for one in answers] == [
        ("ACCEPT", 1, Decimal("0.4250")),
        ("ACCEPT", 0, Decimal("0.4250")),
    ]
    assert uses(terminal) == [("ACCEPT", "chip")] * 2
    line = json.loads(terminal.journal.unsent()[0][1])
    assert (line["proof"], line["token"]["uid"], line["units"]) == ("chip", UID.hex(), 1)
    assert left(chip) == 0
    # what is not on the card is of the counter that all terminals share
    assert (await laid(terminal, chip)).verdict == "ACCEPT"
    assert uses(terminal)[-1] == ("ACCEPT", None)


async def test_wherever_the_card_is_torn_away_it_pays_once_for_one_use(terminal: Terminal) -> None:
    chip = chip_with(60)
    for step in range(1, 8, STEPS):
        for order in ({"before": step}, {"after": step}):
            before, lines = left(chip), len(uses(terminal))
            card = look(again(chip).process, TERMINALS)
            chip.cut(**order)
            torn = await terminal.validate(Tap(card.shown, AT, Decimal("0.85")), card)
            assert (torn.verdict, torn.text["en"]) == ("DENY", "Put the same card back and hold it still")
            assert terminal.close_interrupted() == 0
            given = await laid(terminal, chip)
            assert (given.verdict, given.seq, given.quota_left) == ("ACCEPT", torn.seq, before - 1)
            assert (left(chip), len(uses(terminal))) == (before - 1, lines + 1)


async def test_a_card_that_does_not_come_back_has_not_travelled(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chip_taps, "COMES_BACK", 0.0)
    chip = chip_with(5)
    card = look(chip.process, TERMINALS)
    chip.cut(before=6)
    await terminal.validate(Tap(card.shown, AT, Decimal("0.85")), card)
    assert terminal.close_interrupted() == 1
    assert uses(terminal) == [("DENY", None)]
    assert (await laid(terminal, chip)).quota_left == 4


async def test_a_tap_at_another_price_is_another_tap(terminal: Terminal) -> None:
    chip = chip_with(5)
    card = look(chip.process, TERMINALS)
    chip.cut(before=2)
    torn = await terminal.validate(Tap(card.shown, AT, Decimal("0.85")), card)
    other = await laid(terminal, chip, "2.00")
    assert (other.seq != torn.seq, other.payable, left(chip)) == (True, Decimal("1.0000"), 4)


async def test_a_counter_that_was_emptied_elsewhere_gives_nothing(terminal: Terminal) -> None:
    chip = chip_with(1)
    card = look(chip.process, TERMINALS)
    assert card.units == OnChip(TWENTY, 1, AT)
    run(load(OF_CHIP(UPDATE, 1), 1, 0, LogRecord(AT, b"the desk", TWENTY, 0, 0, 2)), chip.process)
    answer = await terminal.validate(Tap(card.shown, AT, Decimal("0.85")), card)
    assert (answer.verdict, answer.reason) == ("DENY", "QUOTA_USED")
    assert uses(terminal) == [("DENY", None)]


async def test_where_nothing_can_be_written_down_the_card_is_asked_for_again_and_pays_once(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip, decided = chip_with(3), terminal.journal.decided

    def full(*_: object) -> bytes:
        raise JournalFull

    monkeypatch.setattr(terminal.journal, "decided", full)
    assert "disk" in (await laid(terminal, chip)).text["en"]
    monkeypatch.setattr(terminal.journal, "decided", decided)
    assert (await laid(terminal, chip)).quota_left == 2
    assert (left(chip), uses(terminal)) == (2, [("ACCEPT", "chip")])


@pytest.mark.parametrize(
    ("at", "concession", "counts"),
    [
        (AT, TWENTY, True),
        (AT - timedelta(days=1), TWENTY, False),
        (AT - timedelta(hours=2), FIVE_A_DAY, True),
        (AT - timedelta(days=1), FIVE_A_DAY, False),
        (AT, 301, False),
        (AT, 999, False),
    ],
)
async def test_only_units_of_this_window_and_of_a_right_of_the_holder_count(
    terminal: Terminal, at: datetime, concession: int, counts: bool
) -> None:
    evidence = read(shown_card(TWENTY, FIVE_A_DAY, 301, uid=UID, tier=1), terminal.holding, AT)
    found = chip_of(OnChip(concession, 3, at), evidence, terminal.holding, AT)
    assert (found is not None) is counts


def test_a_terminal_without_use_keys_leaves_the_units_alone() -> None:
    reads = HeldKeys(dump([key for key in KEYS if key.name == "card/1"]))
    for masters, tier in ((reads, 1), (None, 0)):
        card: ChipCard = look(chip_with(2).process, masters)
        assert (card.units, card.shown.tier) == (None, tier)
    assert look(chip_with(2).process, None, serve=True).shown.tier == 3

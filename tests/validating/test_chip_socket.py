"""The service talks to a card at a terminal: a genuine chip is taken, a copy is found out, nothing is taken twice."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from amis.kernel import clock
from amis.validating import chip_line
from amis.validating.lane import Lane
from cards.desk import message
from cards.errors import CardGone
from cards.simcard import Version, VirtualCard
from terminals.chip_link import ChipLink
from terminals.chip_message import PATH, Ask, Told, read_from_service
from terminals.errors import Refused, Unreachable
from terminals.message import Answer, CardShown, Tap
from tests.validating.chips import chip_link, chip_of, service
from tests.validating.conftest import FREE
from tests.validating.town import Card, Terminal, Town

QUOTA = {"n": 5, "per": "month"}


@pytest.fixture
async def card(town: Town) -> Card:
    return await town.add_card(await town.add_concession("RIDE", FREE, QUOTA))


@pytest.fixture
async def address(lane: Lane) -> AsyncIterator[str]:
    async with service(lane) as served:
        yield served


@pytest.fixture
async def terminal(town: Town) -> Terminal:
    return await town.add_terminal()


@pytest.fixture
async def chips(address: str, terminal: Terminal) -> AsyncIterator[ChipLink]:
    async with chip_link(address, terminal) as link:
        yield link


def body_of(terminal: Terminal, card: Card, tier: int = 3) -> bytes:
    return Tap(CardShown(card.uid, b"what anybody reads", tier), clock.now(), Decimal("0.85")).body(terminal.next())


async def used(town: Town) -> int:
    row = await (await town.db.execute("SELECT coalesce(sum(used), 0) FROM quota_counter")).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("version", [Version.EV1, Version.EV2])
async def test_a_genuine_chip_is_taken_and_the_same_request_again_takes_nothing(
    town: Town, card: Card, terminal: Terminal, chips: ChipLink, version: Version
) -> None:
    chip, body = chip_of(card, version=version), body_of(terminal, card)
    first = await chips.tap(body, chip.process)
    assert (first.verdict, first.reason, first.quota_left, first.check_photo) == ("ACCEPT", "OK", 4, True)

    def nothing_there(_: bytes) -> bytes:
        raise AssertionError("a repeated request needs no card")

    assert await chips.tap(body, nothing_there) == first
    assert (await chips.tap(body_of(terminal, card), chip.process)).quota_left == 3
    assert await used(town) == 2


async def test_a_copy_of_a_card_is_found_out_and_noted_at_its_token(
    town: Town, card: Card, terminal: Terminal, chips: ChipLink
) -> None:
    copy = chip_of(card, lambda slot, keyset: bytes((slot % 256, keyset)) * 8)
    answer = await chips.tap(body_of(terminal, card), copy.process)
    assert (answer.verdict, answer.reason, answer.payable) == ("DENY", "BAD_SIGNATURE", Decimal("0.85"))
    found = await town.db.execute("SELECT reason, subject_id FROM audit WHERE action = 'tap.deny'")
    assert await found.fetchall() == [("BAD_SIGNATURE", str(card.token))]


async def test_a_strangers_card_and_one_that_is_unfinished_are_refused(
    card: Card, terminal: Terminal, chips: ChipLink
) -> None:
    assert (await chips.tap(body_of(terminal, card), VirtualCard(card.uid).process)).reason == "UNKNOWN_TOKEN"
    unfinished = VirtualCard(card.uid)
    unfinished.cut(before=43)
    with pytest.raises(CardGone):
        chip_of(card, chip=unfinished)
    unfinished.power_on()
    assert (await chips.tap(body_of(terminal, card), unfinished.process)).reason == "MALFORMED"


async def test_a_card_that_is_taken_away_leaves_no_trace_and_is_asked_for_again(
    town: Town, card: Card, terminal: Terminal, chips: ChipLink
) -> None:
    chip, body = chip_of(card), body_of(terminal, card)
    for apdu in (1, 7, 11):
        chip.cut(before=apdu)
        with pytest.raises(CardGone):
            await chips.tap(body, chip.process)
        chip.power_on()
    other = await town.add_card()
    with pytest.raises(CardGone, match="card_swapped"):
        await chips.tap(body, chip_of(other).process)
    assert await used(town) == 0
    assert (await chips.tap(body, chip.process)).quota_left == 4


async def test_what_the_service_does_not_take_is_told_with_a_reason(
    town: Town, card: Card, terminal: Terminal, chips: ChipLink
) -> None:
    chip, body = chip_of(card), body_of(terminal, card)
    await chips.tap(body, chip.process)
    other = json.dumps(json.loads(body) | {"gross": "9.99"}).encode()
    nowhere = json.dumps(json.loads(body_of(terminal, card)) | {"place": "NOWHERE"}).encode()
    wrong = [other, nowhere, body_of(terminal, card, tier=1), b"{}", b"no json"]
    codes = ["sequence_reused", "place_unknown", "/token/card/tier", "invalid", "malformed"]
    for asked, code in zip(wrong, codes, strict=True):
        with pytest.raises(Refused, match=code):
            await chips.tap(asked, chip.process)
    with pytest.raises(Refused, match="/what"):
        await chips.ask("empty", body, chip.process)


async def test_a_revoked_terminal_is_refused_at_its_next_tap_over_the_same_connection(
    town: Town, card: Card, terminal: Terminal, chips: ChipLink
) -> None:
    chip = chip_of(card)
    await chips.tap(body_of(terminal, card), chip.process)
    await town.db.execute("UPDATE machine SET state = 'suspended' WHERE id = %s", (terminal.id,))
    with pytest.raises((Refused, Unreachable)):
        await chips.tap(body_of(terminal, card), chip.process)


async def test_a_terminal_that_no_longer_answers_or_speaks_otherwise_is_let_go(
    card: Card, terminal: Terminal, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chip_line, "PATIENCE", 0.05)
    ask = message.write(Ask("tap", body_of(terminal, card).decode()))
    url, headers = address.replace("http", "ws", 1) + PATH, {"authorization": f"Bearer {terminal.bearer}"}
    for said, code in (([ask], 1013), (["{}"], 4400), ([ask] * 9, 4400)):
        async with connect(url, additional_headers=headers) as socket:
            for text in said:
                await socket.send(text)
            assert Told not in await heard(socket)
            assert socket.close_code == code


async def heard(socket: ClientConnection) -> set[type]:
    """The kinds of what the service says until it ends the connection."""
    kinds = set()
    with suppress(ConnectionClosed):
        async for text in socket:
            kinds.add(type(read_from_service(text)))
    return kinds


async def test_only_a_terminal_is_let_in(address: str) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(address.replace("http", "ws", 1) + PATH):
            pass


async def test_after_the_service_has_gone_and_come_back_the_next_tap_dials_anew(
    town: Town, card: Card, terminal: Terminal, lane: Lane
) -> None:
    chip = chip_of(card)
    async with service(lane) as address, chip_link(address, terminal) as chips:
        assert isinstance(await chips.tap(body_of(terminal, card), chip.process), Answer)
        assert chips._socket is not None
        await chips._socket.close()
        assert isinstance(await chips.tap(body_of(terminal, card), chip.process), Answer)
    async with chip_link(address, terminal) as chips:
        with pytest.raises(Unreachable):
            await chips.tap(body_of(terminal, card), chip.process)

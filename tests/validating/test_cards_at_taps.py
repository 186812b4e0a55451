"""Cards at taps: what a chip shows to everybody, what it proves by its key, and what neither lets through."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from amis.kernel import clock
from cards.base45 import encode
from tests.validating.conftest import FREE
from tests.validating.town import Card, Town, card_credential_of, credential_of

Tap = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def card(town: Town) -> Card:
    return await town.add_card(await town.add_concession("NEEDY", FREE))


async def test_a_card_is_taken_by_its_credential_and_by_its_number(town: Town, tap: Tap, card: Card) -> None:
    terminal, content = await town.add_terminal(), card_credential_of(card, clock.now())
    for shown in (card.shown(content), card.shown(content, tier=1), {"card": {"number": card.number}}):
        answer = await tap(terminal, shown)
        assert (answer["verdict"], answer["reason"]) == ("ACCEPT", "OK")
    assert (await tap(terminal, card.shown(content)))["check_photo"]


async def test_a_chip_that_proved_itself_needs_no_credential_and_one_that_did_not_needs_a_valid_one(
    town: Town, tap: Tap, card: Card
) -> None:
    terminal, old = await town.add_terminal(), card_credential_of(card, clock.now() - timedelta(days=400))
    assert (await tap(terminal, card.shown(None, tier=1)))["reason"] == "OK"
    assert (await tap(terminal, card.shown(old, tier=1)))["reason"] == "OK"
    assert (await tap(terminal, card.shown(old)))["reason"] == "TOKEN_EXPIRED"


async def test_a_credential_copied_to_another_chip_is_refused(town: Town, tap: Tap, card: Card) -> None:
    terminal, content, other = await town.add_terminal(), card_credential_of(card, clock.now()), bytes(7)
    for tier in (0, 1):
        assert (await tap(terminal, card.shown(content, tier, uid=other)))["reason"] == "BAD_SIGNATURE"


async def test_a_chip_that_was_given_up_while_the_card_was_made_is_unknown(town: Town, tap: Tap, card: Card) -> None:
    terminal, spoiled = await town.add_terminal(), b"\x04spoilt"
    content = card_credential_of(card, clock.now(), spoiled)
    for shown in (card.shown(content, 0, spoiled), card.shown(content, 1, spoiled), card.shown(None, 1, spoiled)):
        assert (await tap(terminal, shown))["reason"] == "UNKNOWN_TOKEN"


async def test_a_credential_is_taken_from_its_own_kind_of_token_only(town: Town, tap: Tap, card: Card) -> None:
    terminal, now = await town.add_terminal(), clock.now()
    holder = await town.add_holder()
    outside = "AM1:" + encode(card_credential_of(card, now))
    assert (await tap(terminal, outside))["reason"] == "BAD_SIGNATURE"
    inside = credential_of(holder, now).encode()
    assert (await tap(terminal, card.shown(inside)))["reason"] == "MALFORMED"


async def test_another_municipality_signs_no_card_of_this_one(town: Town, tap: Tap, card: Card) -> None:
    foreign = card_credential_of(card, clock.now(), issuer="RIX")
    assert (await tap(await town.add_terminal(), card.shown(foreign)))["reason"] == "UNKNOWN_TOKEN"


@pytest.mark.parametrize(
    ("state", "reason", "handed_in"),
    [("ended", "replaced", True), ("ended", "lost", True), ("blocked", "lost", True), ("blocked", "office", False)],
)
async def test_t33_a_card_that_will_never_work_again_is_to_be_handed_in(
    town: Town, tap: Tap, state: str, reason: str, handed_in: bool
) -> None:
    card = await town.add_card(await town.add_concession("NEEDY", FREE), state=state, reason=reason)
    terminal, content = await town.add_terminal(), card_credential_of(card, clock.now())
    for tier in (0, 1):
        answer = await tap(terminal, card.shown(content, tier))
        assert (answer["verdict"], answer["reason"]) == ("DENY", "TOKEN_BLOCKED")
        assert ("Karte jānodod" in answer["text"]["lv"], "Hand in" in answer["text"]["en"]) == (handed_in, handed_in)

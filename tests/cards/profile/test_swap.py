"""Another card comes between: it is noticed, and nothing is written to it."""

from collections.abc import Callable

import pytest

from cards.desfire.procedure import relay
from cards.errors import CardFault, CardGone, CardRefused, CardSwapped
from cards.profile import personalise, retire, rotate, update, validate
from cards.simcard import VirtualCard
from tests.cards.profile.table import (
    BOTH,
    CONTENT,
    EVENT,
    ISSUER,
    OTHER_UID,
    OURS,
    RENEWED,
    UID,
    Count,
    blank,
    play,
)

VERSIONS = pytest.mark.parametrize("version", BOTH)


def others(version) -> list[VirtualCard]:
    """Blank, half made at some moments, finished for somebody else, and finished for the same person."""
    card, states = blank(version, OTHER_UID), []

    def transmit(apdu: bytes) -> bytes:
        states.append(card.snapshot())
        return card.process(apdu)

    play(personalise(CONTENT, 1, OURS), transmit)
    found = []
    for state in (*states[::7], card.snapshot()):
        found.append(blank(version, OTHER_UID))
        found[-1].restore(state)
    return found


def play_with_swap(procedure, card, other, at: int) -> None:
    """From the list number `at` on the other card lies there, and no reader says so."""
    steps, number = next(procedure), 0
    while True:
        number += 1
        steps = procedure.send(relay(steps, (card if number < at else other).process))


def swapped(start: Callable[[], VirtualCard], procedure, version, error=CardFault) -> int:
    """Exchanges the card before each list for each other card; how many lists the procedure has on one card."""
    lists = Count()
    play(procedure(), start().process, lists)
    for other in others(version):
        before = other.saved()
        for at in range(2, lists.lists + 1):
            with pytest.raises(error):
                play_with_swap(procedure(), start(), other, at)
            assert other.saved() == before
            other.power_on()
    return lists.lists


def finished(version) -> VirtualCard:
    card = blank(version)
    play(personalise(CONTENT, 1, OURS), card.process)
    return card


@VERSIONS
def test_a_card_exchanged_between_two_lists_is_not_written(version):
    made = swapped(lambda: blank(version), lambda: personalise(CONTENT, 1, OURS), version, CardSwapped)
    assert made == (8 if version is BOTH[1] else 5)
    # what a finished card shows without a key may come from the other one, and end it sooner
    for procedure in (
        lambda: personalise(CONTENT, 1, OURS),
        lambda: update(RENEWED, 1, OURS, quota=True),
        lambda: rotate(ISSUER, 2, OURS),
        lambda: retire(ISSUER, OURS),
    ):
        assert swapped(lambda: finished(version), procedure, version) >= 3


@VERSIONS
def test_a_card_put_back_that_is_another_one_is_named_and_not_written(version):
    for other in others(version):
        before = other.saved()
        for procedure in (
            personalise(CONTENT, 1, OURS, uid=UID),
            update(RENEWED, 1, OURS, uid=UID),
            rotate(ISSUER, 2, OURS, uid=UID),
            retire(ISSUER, OURS, uid=UID),
        ):
            with pytest.raises(CardSwapped, match="SAME card"):
                play(procedure, other.process)
            assert other.saved() == before


def test_a_validation_never_debits_a_card_that_came_between():
    key = OURS(UID)(2, 1)
    for other in others(BOTH[0]):
        before = other.saved()
        for at in (2, 3):
            with pytest.raises(CardRefused):
                play_with_swap(validate(key, 1, EVENT), finished(BOTH[0]), other, at)
            assert other.saved() == before
            other.power_on()


def test_what_the_reader_reports_goes_through():
    def gone(apdu: bytes) -> bytes:
        raise CardGone

    with pytest.raises(CardGone):
        play(personalise(CONTENT, 1, OURS), gone)

"""A procedure gives the same over a wire that answers later as it does at a reader."""

from collections.abc import Sequence

import pytest

from cards.desfire.procedure import Procedure, Step, relay, run
from cards.desfire.version import get_version
from cards.desk.relay import drive
from cards.errors import CardGone
from cards.simcard.card import VirtualCard

UID = bytes.fromhex("04a1b2c3d4e5f6")


async def test_it_gives_what_the_same_procedure_gives_at_a_reader() -> None:
    card = VirtualCard(UID)

    async def exchange(steps: Sequence[Step]) -> list[bytes]:
        return relay(steps, card.process)

    assert await drive(get_version(), exchange) == run(get_version(), VirtualCard(UID).process)


async def test_an_interruption_goes_through_and_ends_the_procedure() -> None:
    ended = []

    def procedure() -> Procedure[None]:
        try:
            yield [Step(b"\x90\x60\x00\x00\x00")]
        finally:
            ended.append(True)

    async def torn(steps: Sequence[Step]) -> list[bytes]:
        raise CardGone

    with pytest.raises(CardGone):
        await drive(procedure(), torn)
    assert ended == [True]


async def test_a_procedure_that_asks_nothing_needs_no_card() -> None:
    def procedure() -> Procedure[int]:
        yield from ()
        return 7

    async def exchange(steps: Sequence[Step]) -> list[bytes]:
        raise AssertionError(steps)

    assert await drive(procedure(), exchange) == 7

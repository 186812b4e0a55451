"""Single tears with a real PC/SC service between procedure and card."""

from contextlib import suppress

import pytest

from cards import pcsc
from cards.desfire.procedure import run
from cards.errors import CardFault, CardGone, PowerLost
from cards.profile import personalise
from cards.simcard import VirtualCard
from tests.cards.profile.table import CONTENT, OURS, UID, blank
from tests.cards.profile.tears import Torn
from tests.walks.counts import count

REMOVALS = count(test=2, check=86, deep=86)
"""In how many of the tears the reader sees the card go and come back, which takes most of a second."""


class Flickering:
    """A card that is without power for a moment in one APDU: its answer is lost, and the reader sees no card go."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.power_on, self.power_off = card.power_on, card.power_off

    def process(self, apdu: bytes) -> bytes:
        try:
            return self.card.process(apdu)
        except PowerLost:
            self.card.power_on()
            return b"\x64\x00"


@pytest.fixture(scope="module")
def torn() -> Torn:
    return Torn(blank(), lambda: personalise(CONTENT, 1, OURS, uid=UID))


def cuts(torn: Torn) -> list[dict[str, int]]:
    return [{side: apdu} for apdu in range(1, torn.apdus + 1) for side in ("before", "after")]


def test_a_card_without_power_for_a_moment_is_finished(reader, torn):
    reader.put(Flickering(torn.card))
    with pcsc.connect(reader.name) as connection:
        for cut in cuts(torn):
            torn.card.restore(torn.start)
            torn.card.cut(**cut)
            # whatever the lost answer was to, the procedure or the next run of it finds the way on
            with suppress(CardFault):
                run(torn.run(), connection.transmit)
            run(torn.run(), connection.transmit)
            assert torn.card.saved() == torn.final


def test_a_card_torn_out_of_the_reader_is_finished_when_it_is_back(second_reader, torn):
    every = cuts(torn)
    step = len(every) // REMOVALS
    for cut in every[step // 2 :: step]:
        torn.card.restore(torn.start)
        second_reader.insert(torn.card)
        torn.card.cut(**cut)
        with pytest.raises(CardGone), pcsc.connect(second_reader.name) as connection:
            run(torn.run(), connection.transmit)
        torn.card.power_on()
        second_reader.insert(torn.card)
        with pcsc.connect(second_reader.name) as connection:
            run(torn.run(), connection.transmit)
        assert torn.card.saved() == torn.final

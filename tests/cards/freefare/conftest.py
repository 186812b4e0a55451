"""The way from Debian's NFC tools to the virtual card: a pseudo-terminal, a PN532, and then PC/SC or nothing."""

from collections.abc import Iterator
from ctypes import c_void_p

import pytest

from cards import pcsc
from cards.simcard import VirtualCard
from tests.cards.freefare.library import Library, Tag, only_tag
from tests.cards.freefare.pn532 import Pn532
from tests.pcscd import Reader

UID = bytes.fromhex("04832f1ab25780")


class Antenna:
    """What lies on the PN532: a card in memory."""

    def __init__(self) -> None:
        self.card = VirtualCard(UID)

    def lay(self, card: VirtualCard) -> None:
        self.card = card

    def transmit(self, apdu: bytes) -> bytes:
        return self.card.process(apdu)

    def dark(self) -> None:
        self.card.power_off()
        self.card.power_on()


class PcscAntenna(Antenna):
    """The same with vpcd, pcscd and pyscard on the way."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        reader.put(self.card)
        self._connection = pcsc.connect(reader.name)

    def lay(self, card: VirtualCard) -> None:
        self.card = card
        self._reader.put(card)

    def transmit(self, apdu: bytes) -> bytes:
        return self._connection.transmit(apdu)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def library() -> Library:
    return Library()


@pytest.fixture(scope="module", params=["in memory", "over pcscd"])
def antenna(request: pytest.FixtureRequest) -> Iterator[Antenna]:
    if request.param == "in memory":
        yield Antenna()
        return
    over = PcscAntenna(request.getfixturevalue("reader"))
    yield over
    over.close()


@pytest.fixture(scope="module")
def pn532(antenna: Antenna) -> Iterator[Pn532]:
    chip = Pn532(antenna.transmit, antenna.dark)
    yield chip
    chip.close()


@pytest.fixture(scope="module")
def device(library: Library, pn532: Pn532) -> Iterator[c_void_p]:
    with library.device(pn532.path) as opened:
        yield opened


@pytest.fixture
def card(antenna: Antenna) -> VirtualCard:
    """A new card of four kilobytes on the reader."""
    antenna.lay(VirtualCard(UID))
    return antenna.card


@pytest.fixture
def tag(library: Library, device: c_void_p, card: VirtualCard) -> Iterator[Tag]:
    """The library's view of that card."""
    with only_tag(library, device) as found:
        yield found

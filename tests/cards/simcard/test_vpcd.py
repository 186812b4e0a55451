"""The card's side of vpcd's protocol, against a listener that speaks as vpcd does, and against the real one."""

import socket
import struct
from collections.abc import Iterator

import pytest

from cards import pcsc
from cards.desfire.frames import wrap
from cards.errors import CardGone
from cards.simcard import VirtualCard
from cards.simcard.card import ATR
from cards.simcard.vpcd import Slot
from tests.cards.simcard.raw import UID
from tests.pcscd import Pcscd, Reader, present, until

OFF, ON, RESET, TELL_ATR = (bytes((number,)) for number in (0, 1, 2, 4))
GET_UID = bytes.fromhex("ffca000000")
OTHER_UID = bytes.fromhex("04111111111111")


class Vpcd:
    """What vpcd does with the one card that calls."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.line: socket.socket | None = None

    def accept(self) -> "Vpcd":
        self.listening.settimeout(5)
        self.line, _ = self.listening.accept()
        self.line.settimeout(5)
        return self

    def tell(self, message: bytes) -> None:
        # in two parcels, as vpcd does
        self.line.sendall(struct.pack(">H", len(message)))
        self.line.sendall(message)

    def ask(self, message: bytes) -> bytes:
        self.tell(message)
        (size,) = struct.unpack(">H", self.line.recv(2, socket.MSG_WAITALL))
        return self.line.recv(size, socket.MSG_WAITALL)

    def gone(self) -> bool:
        return self.line.recv(1) == b""


@pytest.fixture
def vpcd() -> Iterator[Vpcd]:
    with_listener = Vpcd()
    yield with_listener
    for line in (with_listener.line, with_listener.listening):
        if line is not None:
            line.close()


@pytest.fixture
def slot(vpcd: Vpcd) -> Iterator[Slot]:
    made = Slot(vpcd.port)
    yield made
    made.remove()


def test_a_card_tells_its_atr_and_answers(vpcd, slot):
    slot.insert(VirtualCard(UID))
    vpcd.accept()
    assert vpcd.ask(TELL_ATR) == ATR
    vpcd.tell(ON)
    assert vpcd.ask(GET_UID) == UID + b"\x90\x00"
    assert vpcd.ask(wrap(0x60))[-2:] == b"\x91\xaf"


@pytest.mark.parametrize("message", [RESET, OFF + ON])
def test_power_and_reset_end_what_was_going_on(vpcd, slot, message):
    slot.insert(VirtualCard(UID))
    vpcd.accept()
    assert vpcd.ask(wrap(0x60))[-2:] == b"\x91\xaf"
    for byte in message:
        vpcd.tell(bytes((byte,)))
    assert vpcd.ask(wrap(0xAF)) == b"\x91\x1c"


def test_a_removed_card_hangs_up_and_another_calls(vpcd, slot):
    slot.insert(VirtualCard(UID))
    vpcd.accept()
    slot.remove()
    assert vpcd.gone()
    assert not slot.occupied
    slot.insert(VirtualCard(OTHER_UID))
    assert vpcd.accept().ask(GET_UID) == OTHER_UID + b"\x90\x00"


def test_a_card_calls_again_when_the_service_has_hung_up(vpcd, slot):
    slot.insert(VirtualCard(UID))
    vpcd.accept().line.close()
    assert vpcd.accept().ask(TELL_ATR) == ATR


def test_a_card_whose_power_is_cut_hangs_up_for_good(vpcd, slot):
    card = VirtualCard(UID)
    slot.insert(card)
    vpcd.accept()
    card.cut(after=1)
    vpcd.tell(wrap(0x60))
    assert vpcd.gone()
    until(lambda: not slot.occupied)


def test_a_card_waits_for_a_service_that_is_not_there_yet():
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    slot = Slot(port)
    slot.insert(VirtualCard(UID))
    with socket.create_server(("127.0.0.1", port)) as late:
        late.settimeout(5)
        late.accept()[0].close()
    slot.remove()


def test_the_real_service_sees_cards_swapped_and_torn_out(pcscd: Pcscd, second_reader: Reader):
    slot = Slot(pcscd.ports[1])
    name = second_reader.name
    slot.insert(VirtualCard(UID))
    until(lambda: present(name))
    card = VirtualCard(OTHER_UID)
    slot.swap(card)
    until(lambda: present(name))
    with pcsc.connect(name) as connection:
        assert (connection.atr, connection.uid()) == (ATR, OTHER_UID)
        card.cut(before=1)
        with pytest.raises(CardGone):
            connection.transmit(wrap(0x60))
    until(lambda: not present(name))
    slot.remove()

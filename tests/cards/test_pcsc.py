"""pyscard, pcscd and the virtual reader for real; the card only echoes, since what it says is not the matter here."""

import subprocess
import sys
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from cards import pcsc
from cards.errors import CardGone, CardReset, ReaderBusy, ReaderError, ReaderGone, ServiceGone
from cards.pcsc_monitor import Monitor, Seen, Slot
from cards.simcard.card import ATR
from tests.cards.chips import HELLO, UID, Echo, Silent, TornOut
from tests.pcscd import NAMES, Pcscd, Reader


@pytest.fixture
def seen() -> SimpleQueue[Seen | ReaderError]:
    return SimpleQueue()


@pytest.fixture
def monitor(pcscd: Pcscd, seen: SimpleQueue[Seen | ReaderError]) -> Iterator[Monitor]:
    with Monitor(seen.put) as running:
        yield running


def slot(seen: SimpleQueue[Seen | ReaderError], name: str) -> Slot:
    """What the monitor tells next of that reader."""
    told = seen.get(timeout=5)
    assert isinstance(told, tuple)
    return next(slot for slot in told if slot.reader == name)


def test_the_readers_are_listed(pcscd: Pcscd) -> None:
    assert pcsc.readers() == list(NAMES)


def test_a_card_is_asked_and_answers(reader: Reader) -> None:
    reader.put(Echo())
    with pcsc.connect(reader.name) as card:
        assert card.atr == ATR
        assert card.uid() == UID
        assert card.transmit(HELLO) == HELLO + b"\x91\x00"


def test_a_reader_that_does_not_tell_the_number_gives_none(reader: Reader) -> None:
    class Mute(Echo):
        def process(self, apdu: bytes) -> bytes:
            return b"\x6a\x81"

    reader.put(Mute())
    with pcsc.connect(reader.name) as card:
        assert card.uid() == b""


def test_closing_leaves_the_card_as_it_is(reader: Reader) -> None:
    chip = Echo()
    reader.put(chip)
    for _ in range(2):
        with pcsc.connect(reader.name) as card:
            chip.powered.clear()
            card.transmit(HELLO)
    assert chip.powered == []


def test_what_is_shorter_than_a_header_never_reaches_the_driver(reader: Reader) -> None:
    reader.put(Echo())
    with pcsc.connect(reader.name) as card, pytest.raises(ValueError):
        card.transmit(b"\x04")


def test_the_card_is_for_one_program_at_a_time(reader: Reader) -> None:
    reader.put(Echo())
    with pcsc.connect(reader.name), pytest.raises(ReaderBusy):
        pcsc.connect(reader.name)


def test_no_card_and_no_reader_are_told_apart(second_reader: Reader) -> None:
    with pytest.raises(CardGone):
        pcsc.connect(second_reader.name)
    with pytest.raises(ReaderGone):
        pcsc.connect("Virtual PCD 07 00")


@pytest.mark.parametrize("chip", [Silent(), TornOut()])
def test_a_card_torn_out_while_it_is_asked_is_gone(second_reader: Reader, chip: Echo) -> None:
    second_reader.insert(chip)
    with pcsc.connect(second_reader.name) as card:
        for _ in range(2):
            with pytest.raises(CardGone):
                card.transmit(HELLO)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x8010000C, CardGone),
        (0x8010000F, CardGone),
        (0x80100016, CardGone),
        (0x80100069, CardGone),
        (0x80100068, CardReset),
        (0x8010000B, ReaderBusy),
        (0x8010001D, ServiceGone),
        (0x80100013, ServiceGone),
        (0x8010001E, ServiceGone),
        (0x80100003, ServiceGone),
        (0x8010006A, ServiceGone),
        (0x80100017, ReaderGone),
        (0x8010001F, ReaderError),
    ],
)
def test_each_code_has_its_error(code: int, kind: type[ReaderError]) -> None:
    for number in (code, code - 2**32):
        with pytest.raises(ReaderError) as raised:
            pcsc.check(number)
        assert raised.type is kind
        assert f"{code:08X}" in str(raised.value)


def test_the_monitor_sees_cards_come_and_go(
    second_reader: Reader, monitor: Monitor, seen: SimpleQueue[Seen | ReaderError]
) -> None:
    before = slot(seen, second_reader.name)
    assert not before.present
    second_reader.insert(Echo())
    there = slot(seen, second_reader.name)
    assert (there.present, there.atr) == (True, ATR)
    second_reader.remove()
    gone = slot(seen, second_reader.name)
    assert (gone.present, gone.atr) == (False, b"")
    assert before.events < there.events < gone.events


def test_using_a_card_is_no_news(reader: Reader, monitor: Monitor, seen: SimpleQueue[Seen | ReaderError]) -> None:
    reader.put(Echo())
    while not slot(seen, reader.name).present:
        pass
    with pcsc.connect(reader.name) as card:
        card.uid()
    with pytest.raises(Empty):
        seen.get(timeout=0.5)


def test_monitor_and_connections_survive_a_restart_of_pcscd(
    pcscd: Pcscd, reader: Reader, monitor: Monitor, seen: SimpleQueue[Seen | ReaderError]
) -> None:
    reader.put(Echo())
    while not slot(seen, reader.name).present:
        pass
    card = pcsc.connect(reader.name)
    pcscd.stop()
    assert isinstance(seen.get(timeout=5), ServiceGone)
    for broken in (lambda: card.transmit(HELLO), pcsc.readers):
        with pytest.raises(ServiceGone):
            broken()
    pcscd.start()
    with pytest.raises(ServiceGone):
        card.transmit(HELLO)
    card.close()
    while not slot(seen, reader.name).present:
        pass
    with pcsc.connect(reader.name) as again:
        assert again.uid() == UID


def test_without_pyscard_the_advice_names_the_extra() -> None:
    program = (
        "import sys; sys.modules['smartcard'] = None\n"
        "from cards import pcsc\n"
        "try: pcsc.readers()\n"
        "except pcsc.ReaderSoftwareMissing as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "amis-concessions[desk]" in said

"""A real pcscd with two virtual readers, private to the test session, and cards put on them over vpcd's TCP protocol.

Debian's pcscd takes its socket from us (systemd's way of handing over sockets), and a folder of configuration that
names only the virtual driver. `reader` is the session's reader: `reader.put(card)` swaps the card at once;
`reader.remove()` and `reader.insert(card)` take the up to 400 ms in which pcscd looks at its readers.
"""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

import pytest

from cards import pcsc
from cards.errors import ReaderError
from cards.simcard.vpcd import Card, Slot

PCSCD = "/usr/sbin/pcscd"
DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
NAMES = ("Virtual PCD 00 00", "Virtual PCD 00 01")
CONFIGURATION = 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port}\nLIBPATH {driver}\nCHANNELID {port}\n'
# The socket becomes descriptor 3, the process keeps its number: so pcscd believes that systemd gave it the socket.
# It ends with the tests, even where those are killed.
START = 'exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec setpriv --pdeathsig TERM "$0" -f --config "$1"'


class Place:
    """Where a card lies: it may be exchanged without the reader's seeing it."""

    def __init__(self, card: Card) -> None:
        self.card = card

    def process(self, apdu: bytes) -> bytes:
        return self.card.process(apdu)

    def power_on(self) -> None:
        self.card.power_on()

    def power_off(self) -> None:
        self.card.power_off()


class Pcscd:
    """The daemon: it can be stopped and started again as a real one is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "comm"
        self.ports = _two_free_ports()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "reader.conf.d").mkdir()
        text = CONFIGURATION.format(port=self.ports[0], driver=DRIVER)
        (folder / "reader.conf.d" / "vpcd").write_text(text)

    def start(self) -> None:
        """Returns once both readers are seen. For the main thread: the daemon ends with the thread that started it."""
        self.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening, (self.folder / "log").open("ab") as log:
            listening.bind(str(self.socket))
            listening.listen(16)
            # Only the daemon holds the socket afterwards: when it ends, its clients are refused, not kept waiting.
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", START, PCSCD, str(self.folder / "reader.conf.d")],
                stdin=listening,
                stdout=log,
                stderr=log,
            )
        until(self._ready)

    def _ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"pcscd ended: {(self.folder / 'log').read_text()}")
        try:
            return set(NAMES) <= set(pcsc.readers())
        except ReaderError:
            return False

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def stop(self) -> None:
        """Ends it; the socket stays and refuses."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


class Reader:
    """One virtual reader and what lies on it. A card that raises CardGone is torn out at that moment."""

    def __init__(self, pcscd: Pcscd, slot: int) -> None:
        self.name = NAMES[slot]
        self._pcscd = pcscd
        self._slot = Slot(pcscd.ports[slot])
        self._place: Place | None = None

    @property
    def card(self) -> Card | None:
        """What was laid there last."""
        return None if self._place is None else self._place.card

    def put(self, card: Card) -> None:
        """The card lies there, without a waiting time if another one did: programs see no change of cards."""
        if self._place is None or not self._slot.occupied:
            self.insert(card)
        else:
            self._place.card = card
            card.power_on()
            self._seen(True)

    def insert(self, card: Card) -> None:
        """Puts the card on the empty reader; pcscd has seen it when this returns."""
        self.remove()
        self._place = Place(card)
        self._slot.insert(self._place)
        self._seen(True)

    def remove(self) -> None:
        """Takes away what lies there, if anything does; pcscd has seen it when this returns."""
        self.tear()
        self._place = None
        self._seen(False)

    def tear(self) -> None:
        """As `remove`, without waiting until pcscd has seen it."""
        self._slot.remove()

    def _seen(self, there: bool) -> None:
        if self._pcscd.running:
            until(lambda: present(self.name) is there)


def present(name: str) -> bool:
    """Whether pcscd sees a card on that reader."""
    with pcsc.context() as (scard, handle):
        [(_, state, _)] = pcsc.wait(scard, handle, [(name, scard.SCARD_STATE_UNAWARE)], 0)
        return bool(state & scard.SCARD_STATE_PRESENT)


def until(happens: Callable[[], bool], seconds: float = 10) -> None:
    """Waits for it."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)


def _two_free_ports() -> tuple[int, int]:
    """vpcd takes a port and the one after it; below those that the system gives to connections by itself."""
    for attempt in range(100):
        port = 20_000 + (os.getpid() * 2 + attempt * 202) % 10_000
        with socket.socket() as first, socket.socket() as second, suppress(OSError):
            first.bind(("", port))
            second.bind(("", port + 1))
            return port, port + 1
    raise AssertionError("no two free ports")


@pytest.fixture(scope="session")
def pcscd() -> Iterator[Pcscd]:
    """The daemon of this session; this process and its children talk to it and to no other."""
    folder = Path(tempfile.mkdtemp(prefix="amis-pcscd-"))
    made = Pcscd(folder)
    os.environ["PCSCLITE_CSOCK_NAME"] = str(made.socket)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        rmtree(folder)


@pytest.fixture(scope="session")
def reader(pcscd: Pcscd) -> Iterator[Reader]:
    """The session's reader: a test puts its own card there with `put`, which costs no time."""
    made = Reader(pcscd, 0)
    yield made
    made.remove()


@pytest.fixture
def second_reader(pcscd: Pcscd) -> Iterator[Reader]:
    """An empty reader for tests in which cards come and go."""
    made = Reader(pcscd, 1)
    yield made
    made.remove()

"""Cards: APDUs and round trips of each procedure, what PC/SC costs beside the chip, and a desk far from the service."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cards import pcsc
from cards.desfire.procedure import Procedure, relay
from cards.profile import personalise, read_keyed, read_public, resume, retire, rotate, update, validate, verify
from cards.profile.layout import READ, USE
from cards.simcard import Version, VirtualCard
from tests.bench.numbers import median
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.cards.profile.table import CONTENT, EVENT, ISSUER, OURS, RENEWED, UID
from tests.pcscd import Pcscd, Reader

ROUND_TRIP = 0.030
"""Seconds between service and desk."""
_READING, _USING = OURS(UID)(READ, 1), OURS(UID)(USE, 1)
_BITS_A_BYTE, _KBIT, _FRAMING, _PAUSE_MS = 9, 106, 3, 0.3
NOTES = (
    "Virtual card of 4 KB. Air time is computed, not measured: ISO/IEC 14443-4 type A at 106 kbit/s, 9 bits a byte, "
    "3 bytes of framing and 0.3 ms of turn-around each way; a real chip's own work comes on top. None was at hand.",
    "PC/SC: personalising over pcscd and a virtual reader, less the time within the virtual card. A round trip of "
    "30 ms is slept for each list.",
)


@dataclass
class Traffic:
    """What went to and fro; the reader's own pseudo-APDUs apart."""

    apdus: int = 0
    lists: int = 0
    octets: int = 0

    @property
    def air_ms(self) -> float:
        """How long it is on the air."""
        bits = (self.octets + 2 * self.apdus * _FRAMING) * _BITS_A_BYTE
        return bits / _KBIT + 2 * self.apdus * _PAUSE_MS


class Watched:
    """A card that knows how much time was spent in it."""

    def __init__(self, card: VirtualCard) -> None:
        self.card, self.seconds = card, 0.0
        self.power_on, self.power_off = card.power_on, card.power_off

    def process(self, apdu: bytes) -> bytes:
        """The card's answer."""
        begun = time.perf_counter()
        answer = self.card.process(apdu)
        self.seconds += time.perf_counter() - begun
        return answer


def cards(scale: Scale) -> Section:
    """Counts, which are exact, and medians of rounds."""
    rows, traffic = [], {}
    for version in Version:
        for name, found in _counted(version).items():
            traffic[name, version] = found
            rows.append((f"{name}, {version.name}", found.apdus, found.lists, found.octets, found.air_ms))
    overhead, far = _measured(scale.rounds * 5)
    rows.append(("PC/SC, ms an APDU", "", "", "", overhead))
    rows.append(("personalise at 30 ms, s", "", "", "", far))
    made, used = traffic["personalise", Version.EV1], traffic["validate", Version.EV1]
    goals = (
        Goal("APDUs to personalise", made.apdus, 55),
        Goal("APDUs to validate", used.apdus, 7),
        Goal("APDUs to read with a key", traffic["read with a key", Version.EV1].apdus, 5),
        Goal("round trips to personalise, EV2", traffic["personalise", Version.EV2].lists, 8),
        Goal("PC/SC, ms an APDU", overhead, 0.1),
        Goal("seconds to personalise at 30 ms", far, 0.5),
    )
    columns = ("procedure", "APDUs", "round trips", "bytes", "air ms / measured")
    return Section("Cards", columns, rows, goals, NOTES)


def _counted(version: Version) -> dict[str, Traffic]:
    card = VirtualCard(UID, version=version)
    procedures: dict[str, Callable[[], Procedure[object]]] = {
        "personalise": lambda: personalise(CONTENT, 1, OURS),
        "personalise again": lambda: personalise(CONTENT, 1, OURS),
        "verify": lambda: verify(ISSUER, OURS),
        "read without a key": read_public,
        "read with a key": lambda: read_keyed(_READING),
        "validate": lambda: validate(_USING, 1, EVENT),
        "validate after a lost answer": lambda: resume(_READING, _USING, 1, EVENT),
        "update": lambda: update(RENEWED, 1, OURS),
        "rotate": lambda: rotate(ISSUER, 2, OURS),
        "retire": lambda: retire(ISSUER, OURS),
    }
    return {name: _traffic(procedure(), card.process) for name, procedure in procedures.items()}


def _traffic(procedure: Procedure[object], transmit: Callable[[bytes], bytes], pause: float = 0) -> Traffic:
    found = Traffic()

    def counted(apdu: bytes) -> bytes:
        answer = transmit(apdu)
        if apdu[0] != 0xFF:
            found.apdus += 1
            found.octets += len(apdu) + len(answer)
        return answer

    try:
        steps = next(procedure)
        while True:
            found.lists += 1
            time.sleep(pause)
            steps = procedure.send(relay(steps, counted))
    except StopIteration:
        return found


def _measured(rounds: int) -> tuple[float, float]:
    """Milliseconds that PC/SC adds to an APDU, and seconds to personalise from afar."""
    with _reader() as reader:
        card = VirtualCard(UID)
        blank, watched = card.snapshot(), Watched(card)
        reader.put(watched)
        with pcsc.connect(reader.name) as connection:

            def once(pause: float) -> tuple[float, float]:
                card.restore(blank)
                watched.seconds, begun = 0.0, time.perf_counter()
                found = _traffic(personalise(CONTENT, 1, OURS), connection.transmit, pause)
                took = time.perf_counter() - begun
                return (took - watched.seconds) * 1000 / found.apdus, took

            near = [once(0)[0] for _ in range(rounds)]
            far = [once(ROUND_TRIP)[1] for _ in range(rounds)]
    return median(near), median(far)


@contextmanager
def _reader() -> Iterator[Reader]:
    with tempfile.TemporaryDirectory(prefix="amis-bench-") as folder:
        daemon = Pcscd(Path(folder))
        os.environ["PCSCLITE_CSOCK_NAME"] = str(daemon.socket)
        reader = Reader(daemon, 0)
        try:
            daemon.start()
            yield reader
        finally:
            reader.remove()
            daemon.stop()

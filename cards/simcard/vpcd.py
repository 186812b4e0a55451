"""A virtual card in a slot of vpcd, the virtual reader of the PC/SC service (Debian: vsmartcard-vpcd).

The card is the one that calls. Each message has two bytes of length, most significant first; a message of one byte is
for the card's power or asks for the ATR. vpcd listens on every interface and asks nobody who they are: it is for tests
and trials on one computer.
"""

import socket
import struct
import time
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from cards.errors import CardGone
from cards.simcard.card import ATR

PORT = 35963
"""Where vpcd listens for its first slot; the second has the next one."""
POLL = 0.4
"""Seconds in which vpcd looks for cards once: what happens in between is not seen."""
_OFF, _ON, _RESET, _TELL_ATR = 0, 1, 2, 4
_RETRY = 0.2


class Card(Protocol):
    """What can lie in a slot."""

    def process(self, apdu: bytes) -> bytes: ...
    def power_on(self) -> None: ...
    def power_off(self) -> None: ...


class Slot:
    """One slot: cards come and go. While one lies there, the connection is made again whenever the service restarts."""

    def __init__(self, port: int = PORT, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._thread: Thread | None = None
        self._stop = Event()
        self._socket: socket.socket | None = None

    @property
    def occupied(self) -> bool:
        """Whether a card lies there; one that lost its power by a cut does no more."""
        return self._thread is not None and self._thread.is_alive()

    def insert(self, card: Card) -> None:
        """Puts `card` there; the service sees it within POLL. Whatever lay there is removed."""
        self.remove()
        self._stop = Event()
        self._thread = Thread(target=self._lie, args=(card, self._stop), name="virtual card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Takes the card away; the service sees it within POLL."""
        self._stop.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def swap(self, card: Card) -> None:
        """Another card, with a gap between the two that the service sees."""
        self.remove()
        time.sleep(2 * POLL)
        self.insert(card)

    def _lie(self, card: Card, stop: Event) -> None:
        try:
            while not stop.is_set():
                with suppress(OSError), socket.create_connection(self._address, timeout=POLL) as line:
                    line.settimeout(None)
                    self._socket = line
                    # `remove` may have come while the line was being made
                    if not stop.is_set():
                        _serve(card, line)
                stop.wait(_RETRY)
        except CardGone:
            # the line is closed by now: to the reader the card has been torn out
            pass
        finally:
            card.power_off()
            self._socket = None


def _serve(card: Card, line: socket.socket) -> None:
    while True:
        (size,) = struct.unpack(">H", _received(line, 2))
        answer = _answered(card, _received(line, size))
        if answer is not None:
            line.sendall(struct.pack(">H", len(answer)) + answer)


def _answered(card: Card, message: bytes) -> bytes | None:
    if len(message) != 1:
        return card.process(message)
    if message[0] == _TELL_ATR:
        return ATR
    if message[0] in (_OFF, _RESET):
        card.power_off()
    if message[0] in (_ON, _RESET):
        card.power_on()
    return None


def _received(line: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        # length and content come in two parcels: an acknowledgement put off would cost 40 ms each time
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = line.recv(size - len(content))
        if not part:
            raise ConnectionError("the service has hung up")
        content += part
    return content

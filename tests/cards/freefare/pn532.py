"""A PN532 reader chip on a pseudo-terminal: what libnfc's serial driver talks to, with a card on its antenna.

Source: NXP UM0701-02, PN532 User Manual (frames of the high speed UART, section 6.2; commands, section 7).
"""

import os
import tty
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from cards.errors import CardGone

ACK = bytes.fromhex("0000ff00ff00")
START = bytes.fromhex("0000ff")
HOST, CHIP = 0xD4, 0xD5
SENS_RES, SEL_RES = bytes.fromhex("0344"), bytes.fromhex("20")
ATS = bytes.fromhex("067577810280")
DIAGNOSE, FIRMWARE, STATUS, READ_REGISTER, WRITE_REGISTER = 0x00, 0x02, 0x04, 0x06, 0x08
PARAMETERS, SAM, POWER_DOWN, RF = 0x12, 0x14, 0x16, 0x32
EXCHANGE, THROUGH, DESELECT, LIST, RELEASE, SELECT = 0x40, 0x42, 0x44, 0x4A, 0x52, 0x54
FINE, TIMEOUT, SYNTAX = b"\x00", b"\x01", bytes.fromhex("0000ff01ff7f8100")
TYPE_A = 0x00
FIELD_OFF = bytes.fromhex("0100")


class Pn532:
    """The chip, a thread that answers at `path` until it is closed.

    `transmit` brings an APDU to the card on the antenna, `dark` is what that card goes through when the field is
    switched off and on.
    """

    def __init__(self, transmit: Callable[[bytes], bytes], dark: Callable[[], object]) -> None:
        self.transmit = transmit
        self.dark = dark
        self.commands: set[int] = set()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._buffer = b""
        self._thread = Thread(target=self._run, name="PN532", daemon=True)
        self._thread.start()

    def close(self) -> None:
        os.close(self._slave)
        self._thread.join()
        os.close(self._master)

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                self._buffer += os.read(self._master, 1024)
                while (body := self._frame()) is not None:
                    self._serve(body)

    def _frame(self) -> bytes | None:
        """The content of the next whole frame; acknowledgements and the wake-up preamble are passed over."""
        while (at := self._buffer.find(START)) >= 0:
            rest = self._buffer[at + 3 :]
            if rest[:2] == b"\x00\xff":
                self._buffer = rest[2:]
                continue
            if len(rest) < 2 or len(rest) < rest[0] + 4:
                return None
            assert (rest[0] + rest[1]) & 0xFF == 0, "extended frames are not sent for commands this short"
            body, self._buffer = rest[2 : 2 + rest[0]], rest[rest[0] + 3 :]
            assert sum(rest[2 : 3 + rest[0]]) & 0xFF == 0, "checksum"
            return body
        return None

    def _serve(self, body: bytes) -> None:
        assert body[0] == HOST
        command, data = body[1], body[2:]
        self.commands.add(command)
        os.write(self._master, ACK)
        answer = self._answer(command, data)
        os.write(self._master, SYNTAX if answer is None else framed(bytes((CHIP, command + 1)) + answer))

    def _answer(self, command: int, data: bytes) -> bytes | None:
        fixed = {
            FIRMWARE: bytes.fromhex("32010607"),
            STATUS: bytes.fromhex("0001000080"),
            READ_REGISTER: bytes(len(data) // 2),
            POWER_DOWN: FINE,
            DESELECT: FINE,
            RELEASE: FINE,
            SELECT: FINE,
            THROUGH: TIMEOUT,
            **dict.fromkeys((WRITE_REGISTER, PARAMETERS, SAM, RF), b""),
        }
        if command == RF and data == FIELD_OFF:
            self.dark()
        if command in fixed:
            return fixed[command]
        if command == DIAGNOSE:
            return data if data[:1] == b"\x00" else FINE
        if command == LIST:
            return self._listed(data)
        return self._exchanged(data[1:]) if command == EXCHANGE else None

    def _listed(self, data: bytes) -> bytes:
        if data[1] != TYPE_A:
            return b"\x00"
        try:
            uid = self.transmit(bytes.fromhex("ffca000000"))[:-2]
        except CardGone:
            return b"\x00"
        return b"\x01\x01" + SENS_RES + SEL_RES + bytes((len(uid),)) + uid + ATS

    def _exchanged(self, apdu: bytes) -> bytes:
        try:
            return FINE + self.transmit(apdu)
        except CardGone:
            return TIMEOUT


def framed(body: bytes) -> bytes:
    """`body` with start, length and checksums."""
    return START + bytes((len(body), -len(body) & 0xFF)) + body + bytes((-sum(body) & 0xFF, 0))

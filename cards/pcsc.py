"""Card readers over PC/SC: the one file that knows pyscard, and imports it only when a reader is asked for.

PC/SC Workgroup, Interoperability Specification for ICCs and Personal Computer Systems, parts 3 and 5; pcsc-lite 1.9.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import Any, Self

from cards.errors import CardGone, CardReset, ReaderBusy, ReaderError, ReaderGone, ReaderSoftwareMissing, ServiceGone

GET_UID = bytes.fromhex("FFCA000000")
_DONE = bytes.fromhex("9000")
_TIMEOUT = 0x8010000A
_CANCELLED = 0x80100002
_NO_READERS = 0x8010002E
_ERRORS: dict[int, type[ReaderError]] = {
    0x8010000C: CardGone,  # SCARD_E_NO_SMARTCARD
    0x8010000F: CardGone,  # SCARD_E_PROTO_MISMATCH: what is left of a card half out of the field
    0x80100016: CardGone,  # SCARD_E_NOT_TRANSACTED
    0x80100066: CardGone,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: CardGone,  # SCARD_W_UNPOWERED_CARD
    0x80100069: CardGone,  # SCARD_W_REMOVED_CARD
    0x80100068: CardReset,  # SCARD_W_RESET_CARD
    0x8010000B: ReaderBusy,  # SCARD_E_SHARING_VIOLATION
    0x80100009: ReaderGone,  # SCARD_E_UNKNOWN_READER
    0x80100017: ReaderGone,  # SCARD_E_READER_UNAVAILABLE
    _NO_READERS: ReaderGone,
    0x80100003: ServiceGone,  # SCARD_E_INVALID_HANDLE: the handle is of a pcscd that has ended
    0x80100013: ServiceGone,  # SCARD_F_COMM_ERROR
    0x8010001D: ServiceGone,  # SCARD_E_NO_SERVICE
    0x8010001E: ServiceGone,  # SCARD_E_SERVICE_STOPPED
    0x8010006A: ServiceGone,  # SCARD_W_SECURITY_VIOLATION: also what pcscd answers while it ends
}


def readers() -> list[str]:
    """The names of the readers that are connected now.

    Raises:
        ServiceGone, ReaderSoftwareMissing
    """
    with context() as (scard, handle):
        return listed(scard, handle)


def listed(scard: ModuleType, handle: int) -> list[str]:
    """The readers that an open context sees."""
    code, names = scard.SCardListReaders(handle, [])
    if code & 0xFFFFFFFF == _NO_READERS:
        return []
    check(code)
    return list(names)


@contextmanager
def context() -> Iterator[tuple[ModuleType, int]]:
    """pyscard's functions and an open context of the resource manager."""
    scard = software()
    code, handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    check(code)
    try:
        yield scard, handle
    finally:
        scard.SCardReleaseContext(handle)


def software() -> ModuleType:
    """pyscard's functions.

    Raises:
        ReaderSoftwareMissing
    """
    try:
        from smartcard import scard
    except ImportError as missing:
        raise ReaderSoftwareMissing(missing.name or "") from missing
    module: ModuleType = scard
    return module


def check(code: int) -> None:
    """Raises the error of a PC/SC return code; 0 is none."""
    if code:
        number = code & 0xFFFFFFFF
        raise _ERRORS.get(number, ReaderError)(f"{number:08X}")


class Connection:
    """One card, for this program alone. Closing it leaves the card as it is: the next reader of it is not reset."""

    def __init__(self, reader: str) -> None:
        """Connects; raises what `connect` raises."""
        self._held = context()
        self._scard, handle = self._held.__enter__()
        protocols = self._scard.SCARD_PROTOCOL_T0 | self._scard.SCARD_PROTOCOL_T1
        try:
            code, self._card, self._protocol = self._scard.SCardConnect(
                handle, reader, self._scard.SCARD_SHARE_EXCLUSIVE, protocols
            )
            check(code)
            self.atr = self._read_atr()
        except ReaderError:
            self._held.__exit__(None, None, None)
            raise

    def _read_atr(self) -> bytes:
        code, _, _, _, atr = self._scard.SCardStatus(self._card)
        check(code)
        return bytes(atr)

    def transmit(self, apdu: bytes) -> bytes:
        """The card's answer, status word included.

        Raises:
            ValueError: less than a header, which some drivers take for a command to themselves.
            CardGone, CardReset, ReaderGone, ServiceGone, ReaderError
        """
        if len(apdu) < 4:
            raise ValueError("no APDU")
        t0 = self._protocol == self._scard.SCARD_PROTOCOL_T0
        header = self._scard.SCARD_PCI_T0 if t0 else self._scard.SCARD_PCI_T1
        code, answer = self._scard.SCardTransmit(self._card, header, list(apdu))
        check(code)
        if len(answer) < 2:
            raise CardGone("no valid response")
        return bytes(answer)

    def uid(self) -> bytes:
        """The card's number as the reader's anticollision found it; empty where the reader does not tell.

        PC/SC part 3, section 3.2.2.1.3 (Get Data). Raises as `transmit`.
        """
        answer = self.transmit(GET_UID)
        return answer[:-2] if answer.endswith(_DONE) else b""

    def close(self) -> None:
        """Lets the card go; whatever became of it."""
        self._scard.SCardDisconnect(self._card, self._scard.SCARD_LEAVE_CARD)
        self._held.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def connect(reader: str) -> Connection:
    """Connects with the card on that reader, exclusively.

    Raises:
        CardGone, ReaderGone, ReaderBusy, ServiceGone, ReaderSoftwareMissing
    """
    return Connection(reader)


def wait(scard: ModuleType, handle: int, states: list[tuple[str, int]], seconds: float) -> list[tuple[str, int, Any]]:
    """The states of readers once one of them is no longer as given, or after that time, or when cancelled.

    Raises:
        ReaderGone: one of them is no longer connected.
        ServiceGone
    """
    code, found = scard.SCardGetStatusChange(handle, int(seconds * 1000), states)
    if code & 0xFFFFFFFF in (_TIMEOUT, _CANCELLED):
        return [(name, state, None) for name, state in states]
    check(code)
    return list(found)

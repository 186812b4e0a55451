"""A card spoken to without a session: bytes out, status and data back."""

from cards.desfire.frames import MORE, split, unwrap
from cards.desfire.status import Status
from cards.simcard import VirtualCard

UID = bytes.fromhex("04832f1ab25780")
AID, OTHER = bytes.fromhex("d00af4"), bytes.fromhex("332211")
FREE = b"\xee\xee"


def told(card: VirtualCard, code: int, payload: bytes = b"") -> tuple[Status, bytes]:
    """The outcome of one command and all its frames."""
    first, *more = split(code, payload)
    status, data = unwrap(card.process(first))
    for apdu in more:
        if status is not Status.ADDITIONAL_FRAME:
            return status, data
        status, data = unwrap(card.process(apdu))
    while status is Status.ADDITIONAL_FRAME:
        status, piece = unwrap(card.process(bytes((0x90, MORE, 0, 0, 0))))
        data += piece
    return status, data


def done(card: VirtualCard, code: int, payload: bytes = b"") -> bytes:
    """The data of a command that succeeds."""
    status, data = told(card, code, payload)
    assert status is Status.OK, status
    return data


def little(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=size == 4)


def span(file: int, offset: int, length: int) -> bytes:
    return bytes((file,)) + little(offset, 3) + little(length, 3)


def with_files(card: VirtualCard, aid: bytes = AID) -> VirtualCard:
    """`card` with an application of free files: 1 standard and 2 backup of 40 bytes, 3 value, 4 linear, 5 cyclic."""
    done(card, 0x5A, bytes(3))
    done(card, 0xCA, aid + b"\x0f\x81")
    done(card, 0x5A, aid)
    done(card, 0xCD, b"\x01\x00" + FREE + little(40, 3))
    done(card, 0xCB, b"\x02\x00" + FREE + little(40, 3))
    done(card, 0xCC, b"\x03\x00" + FREE + little(0, 4) + little(100, 4) + little(50, 4) + b"\x01")
    done(card, 0xC1, b"\x04\x00" + FREE + little(8, 3) + little(3, 3))
    done(card, 0xC0, b"\x05\x00" + FREE + little(8, 3) + little(4, 3))
    return card

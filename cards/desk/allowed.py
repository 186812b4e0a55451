"""What a desk passes on to a card: the instructions that issuing needs, and the reader's word for the card's number.

A service that was broken into could otherwise make a desk's reader do anything with any card that lies on it.
"""

from cards.errors import InstructionRefused
from cards.pcsc import GET_UID

NATIVE = frozenset(
    (
        *(0x1A, 0xAA, 0x71, 0x77, 0xAF),  # authenticate, and further frames
        *(0x60, 0x51, 0x6E, 0xFC),  # version, UID, memory; emptying the card, which asks for its master key
        *(0x5A, 0x6A, 0xCA, 0xDA),  # select, list, create, delete applications
        *(0x45, 0x54, 0x64, 0xC4),  # keys and their settings
        *(0x6F, 0xF5, 0x5F, 0xCD, 0xCB, 0xCC, 0xC1, 0xC0),  # list, describe, change, create files
        *(0xBD, 0x3D, 0x6C, 0x0C, 0xDC, 0xBB, 0x3B, 0xEB),  # data, values, records
        *(0xC7, 0xA7),  # commit, abort
    )
)
"""DESFIRE command codes. Not among them: SetConfiguration, which cannot be undone, DeleteFile, and the old DES."""
_CLASS, _LONGEST = 0x90, 59


def check(apdu: bytes) -> None:
    """Lets an instruction pass.

    Raises:
        InstructionRefused
    """
    if apdu != GET_UID and not _is_native(apdu):
        raise InstructionRefused(apdu[:5].hex())


def _is_native(apdu: bytes) -> bool:
    """`90 CMD 00 00 [Lc data] 00`, as DESFIRE wraps its commands into ISO/IEC 7816-4."""
    if len(apdu) < 5 or apdu[0] != _CLASS or apdu[1] not in NATIVE or apdu[2:4] != b"\0\0" or apdu[-1] != 0:
        return False
    return len(apdu) == 5 or (len(apdu) == 6 + apdu[4] and 0 < apdu[4] <= _LONGEST)

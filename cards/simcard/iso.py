"""The one ISO 7816-4 command of the chip that readers need: SELECT by name."""

from cards.simcard.apdu import DONE, NO_SUCH_FILE, NO_SUCH_FUNCTION, WRONG_PARAMETERS
from cards.simcard.chip import Chip
from cards.simcard.picc import PICC_LEVEL

_SELECT, _BY_NAME = 0xA4, 0x04
_CARD_NAME = bytes.fromhex("d2760000850100")


def iso(chip: Chip, apdu: bytes) -> bytes:
    """Selects the chip or the application of that name; the status word."""
    if apdu[1] != _SELECT:
        return NO_SUCH_FUNCTION
    if apdu[2] != _BY_NAME or len(apdu) < 5 or len(apdu) < 5 + apdu[4]:
        return WRONG_PARAMETERS
    aid = _named(chip, apdu[5 : 5 + apdu[4]])
    if aid is None:
        return NO_SUCH_FILE
    chip.select(aid)
    return DONE


def _named(chip: Chip, name: bytes) -> bytes | None:
    if name == _CARD_NAME:
        return PICC_LEVEL
    picc = chip.picc
    return next((aid for aid in picc.aids if name and picc.application(aid).name == name), None)

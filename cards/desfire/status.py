"""The status byte that ends every answer, and the one table of what to do about it.

Source: the native command set of MIFARE DESFire EV1 and EV2, status and error codes (the byte after SW1 `91`).
"""

from collections.abc import Mapping
from enum import Enum, IntEnum, auto
from types import MappingProxyType


class Status(IntEnum):
    """What the chip says about a command."""

    OK = 0x00
    NO_CHANGES = 0x0C
    OUT_OF_MEMORY = 0x0E
    ILLEGAL_COMMAND = 0x1C
    INTEGRITY_ERROR = 0x1E
    NO_SUCH_KEY = 0x40
    LENGTH_ERROR = 0x7E
    CRYPTO_ERROR = 0x97
    PERMISSION_DENIED = 0x9D
    PARAMETER_ERROR = 0x9E
    APPLICATION_NOT_FOUND = 0xA0
    APPLICATION_INTEGRITY = 0xA1
    AUTHENTICATION_DELAY = 0xAD
    AUTHENTICATION_ERROR = 0xAE
    ADDITIONAL_FRAME = 0xAF
    BOUNDARY_ERROR = 0xBE
    PICC_INTEGRITY = 0xC1
    COMMAND_ABORTED = 0xCA
    PICC_DISABLED = 0xCD
    COUNT_ERROR = 0xCE
    DUPLICATE = 0xDE
    EEPROM_ERROR = 0xEE
    FILE_NOT_FOUND = 0xF0
    FILE_INTEGRITY = 0xF1


class Action(Enum):
    """What a procedure does about a status."""

    GO_ON = auto()
    """The command is done, or the next frame follows."""
    ALREADY_DONE = auto()
    """The change is on the card already; authenticate again and go on."""
    REJECT_FULL = auto()
    """The chip has no room: another card."""
    REJECT_PRODUCT = auto()
    """Another product or another profile: another card."""
    RETRY_ONCE = auto()
    """Once more from the selection; then put the card aside and record it."""
    OUR_FAULT = auto()
    """We sent nonsense: fail and keep the trace."""
    RESTART = auto()
    """The card gave up what it was doing: from the beginning."""
    NOT_PERSONALISED = auto()
    """Our application is not there: a desk creates it, a terminal says that the card is not ours."""
    TRY_PREVIOUS_KEYS = auto()
    """The previous version of the key set once; if that fails too, a counterfeit."""
    WAIT = auto()
    """The chip slows down guessing: a little later."""
    LIMIT = auto()
    """A counter or a file ends here; after a debit: the quota is used."""
    RESUME_EXISTS = auto()
    """It is there already: go on with the next step."""
    RESUME_CREATE = auto()
    """It is not there yet: create it and go on."""
    DAMAGED = auto()
    """The chip is defective: another card, and this one is marked."""


ACTIONS: Mapping[Status, Action] = MappingProxyType(
    {
        Status.OK: Action.GO_ON,
        Status.ADDITIONAL_FRAME: Action.GO_ON,
        Status.NO_CHANGES: Action.ALREADY_DONE,
        Status.OUT_OF_MEMORY: Action.REJECT_FULL,
        Status.COUNT_ERROR: Action.REJECT_FULL,
        Status.ILLEGAL_COMMAND: Action.REJECT_PRODUCT,
        Status.PERMISSION_DENIED: Action.REJECT_PRODUCT,
        Status.NO_SUCH_KEY: Action.REJECT_PRODUCT,
        Status.INTEGRITY_ERROR: Action.RETRY_ONCE,
        Status.CRYPTO_ERROR: Action.RETRY_ONCE,
        Status.LENGTH_ERROR: Action.OUR_FAULT,
        Status.PARAMETER_ERROR: Action.OUR_FAULT,
        Status.COMMAND_ABORTED: Action.RESTART,
        Status.APPLICATION_NOT_FOUND: Action.NOT_PERSONALISED,
        Status.AUTHENTICATION_ERROR: Action.TRY_PREVIOUS_KEYS,
        Status.AUTHENTICATION_DELAY: Action.WAIT,
        Status.BOUNDARY_ERROR: Action.LIMIT,
        Status.DUPLICATE: Action.RESUME_EXISTS,
        Status.FILE_NOT_FOUND: Action.RESUME_CREATE,
        Status.APPLICATION_INTEGRITY: Action.DAMAGED,
        Status.PICC_INTEGRITY: Action.DAMAGED,
        Status.PICC_DISABLED: Action.DAMAGED,
        Status.EEPROM_ERROR: Action.DAMAGED,
        Status.FILE_INTEGRITY: Action.DAMAGED,
    }
)
"""One action for every status."""

"""Commands that select, make, list and remove applications."""

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.chip import Chip
from cards.simcard.keys import ChipKey, kind_of
from cards.simcard.picc import (
    FREE_CREATION,
    FREE_LISTING,
    MASTER,
    PICC_LEVEL,
    Application,
)
from cards.simcard.plan import Plan, enough, number, sized

_MOST_KEYS = 14
_ISO_FILES = 0x20


def selection_plan(chip: Chip, payload: bytes) -> Plan:
    """In clear, as the session ends here."""
    return Plan(out=Mode.PLAIN, back=Mode.PLAIN)


def select_application(chip: Chip, header: bytes, data: bytes) -> bytes:
    """An application or the chip itself; answered outside any session."""
    chip.select(sized(data, 3))
    return b""


def create_application(chip: Chip, header: bytes, data: bytes) -> bytes:
    """AID, settings, number and kind of keys, and perhaps an ISO file identifier and name."""
    chip.require_level(picc=True)
    chip.require_master(unless=FREE_CREATION)
    enough(data, 5)
    count, kind = data[4] & 0x0F, kind_of(data[4])
    if data[:3] == PICC_LEVEL or count > _MOST_KEYS or not (len(data) == 5 or 7 <= len(data) <= 23):
        raise CardRefused(Status.PARAMETER_ERROR)
    default = chip.picc.default_key
    key = ChipKey(kind, default.value[: kind.size].ljust(kind.size, b"\0"), default.aes_version)
    iso_id = number(data[5:7]) if len(data) > 5 else None
    made = Application(data[3], kind, (key,) * count, {}, iso_id, bool(data[4] & _ISO_FILES), data[7:])
    chip.picc = chip.picc.with_new_application(data[:3], made)
    return b""


def delete_application(chip: Chip, header: bytes, data: bytes) -> bytes:
    """By the chip's master key; by the application's own when creation is free."""
    chip.picc.application(sized(data, 3))
    own = chip.selected == data and bool(chip.picc.application(PICC_LEVEL).settings & FREE_CREATION)
    if data == PICC_LEVEL or not (own or chip.selected == PICC_LEVEL):
        raise CardRefused(Status.PERMISSION_DENIED)
    chip.require_key(MASTER)
    chip.picc = chip.picc.without_application(data)
    if chip.selected == data:
        chip.select(PICC_LEVEL)
    return b""


def get_application_ids(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Three bytes for each."""
    chip.require_level(picc=True)
    chip.require_master(unless=FREE_LISTING)
    sized(data, 0)
    return b"".join(chip.picc.aids)


def names_plan(chip: Chip, payload: bytes) -> Plan:
    """One frame for each name."""
    return Plan(cuts=tuple(map(len, _names(chip)[:-1])))


def get_names(chip: Chip, header: bytes, data: bytes) -> bytes:
    """AID, ISO file identifier and ISO name of each application that has them."""
    chip.require_level(picc=True)
    chip.require_master(unless=FREE_LISTING)
    sized(data, 0)
    return b"".join(_names(chip))


def _names(chip: Chip) -> list[bytes]:
    named = ((aid, chip.picc.application(aid)) for aid in chip.picc.aids)
    return [aid + it.iso_id.to_bytes(2, "little") + it.name for aid, it in named if it.iso_id is not None]

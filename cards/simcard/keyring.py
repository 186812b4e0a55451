"""Commands about the keys of an application or of the chip, and who may change them."""

from dataclasses import replace

from cards.desfire.command import Mode
from cards.desfire.crypto import xor
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.chip import Chip
from cards.simcard.keys import ChipKey, Kind, kind_of
from cards.simcard.picc import (
    CHANGEABLE_MASTER,
    CHANGEABLE_SETTINGS,
    FREE_LISTING,
    MASTER,
    PICC_LEVEL,
)
from cards.simcard.plan import Plan, enough, sized

_NEW_KEY_ITSELF, _FROZEN = 0xE, 0xF
_TAIL = 4


def get_key_settings(chip: Chip, header: bytes, data: bytes) -> bytes:
    """The settings, and the number and kind of keys."""
    chip.require_master(unless=FREE_LISTING)
    sized(data, 0)
    application = chip.application
    kind = application.keys[MASTER].kind if chip.selected == PICC_LEVEL else application.kind
    return bytes((application.settings, len(application.keys) | kind))


def settings_plan(chip: Chip, payload: bytes) -> Plan:
    """One enciphered byte."""
    return Plan(length=1, out=Mode.FULL)


def change_key_settings(chip: Chip, header: bytes, data: bytes) -> bytes:
    """New settings, by the master key, unless they are frozen."""
    chip.require_key(MASTER)
    if not chip.application.settings & CHANGEABLE_SETTINGS:
        raise CardRefused(Status.PERMISSION_DENIED)
    chip.store(replace(chip.application, settings=data[0]))
    return b""


def get_key_version(chip: Chip, header: bytes, data: bytes) -> bytes:
    """One byte, for anybody."""
    return bytes((chip.application.key(sized(data, 1)[0]).version,))


def key_plan(chip: Chip, payload: bytes) -> Plan:
    """A key, the version of an AES key, and a second checksum where it takes another's place."""
    place, kind = _place(chip, enough(payload, 1)[0])
    return Plan(1, _wire_size(kind), Mode.FULL, tail=0 if place == chip.channel.key_number else _TAIL)


def _wire_size(kind: Kind) -> int:
    return kind.size + (kind is Kind.AES)


def _place(chip: Chip, byte: int) -> tuple[int, Kind]:
    if chip.selected == PICC_LEVEL:
        chip.application.key(byte & 0x3F)
        return byte & 0x3F, kind_of(byte)
    chip.application.key(byte)
    return byte, chip.application.kind


def change_key(chip: Chip, header: bytes, data: bytes) -> bytes:
    """A new key; the session ends with the key in use."""
    place, kind = _place(chip, header[0])
    _may_change(chip, place)
    own = place == chip.channel.key_number
    value = data[: kind.size] if own else _replacing(chip, data, chip.application.key(place).value, kind)
    version = data[kind.size] if kind is Kind.AES else 0
    chip.store(chip.application.with_key(place, ChipKey(kind, value, version)))
    if own:
        chip.end_session()
    return b""


def _replacing(chip: Chip, data: bytes, old: bytes, kind: Kind) -> bytes:
    value, check = xor(data[: kind.size], old), data[_wire_size(kind) :]
    expected = chip.channel.checksum(value)
    if not check.startswith(expected):
        raise CardRefused(Status.INTEGRITY_ERROR)
    return value


def _may_change(chip: Chip, place: int) -> None:
    settings = chip.application.settings
    changer = settings >> 4 if chip.selected != PICC_LEVEL else MASTER
    if place == MASTER:
        chip.require_key(MASTER)
        if not settings & CHANGEABLE_MASTER:
            raise CardRefused(Status.PERMISSION_DENIED)
    elif changer == _FROZEN:
        raise CardRefused(Status.PERMISSION_DENIED)
    else:
        # the key that changes the others is itself changed with the master key
        chip.require_key(place if changer == _NEW_KEY_ITSELF else MASTER if place == changer else changer)

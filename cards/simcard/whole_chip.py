"""Commands about the chip as a whole: what it is, what is free, formatting, configuration."""

from dataclasses import replace

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.chip import Chip
from cards.simcard.keys import ChipKey, Kind
from cards.simcard.picc import (
    MASTER,
)
from cards.simcard.plan import Plan, enough, sized
from cards.simcard.version import FRAMES

_CONFIGURATION, _DEFAULT_KEY, _ATS = 0, 1, 2
_CONFIGURATION_SIZES = {_CONFIGURATION: 1, _DEFAULT_KEY: 25, _ATS: None}


def format_picc(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Everything but the chip's own keys and settings is gone."""
    chip.require_level(picc=True)
    chip.require_key(MASTER)
    sized(data, 0)
    if chip.picc.unformattable:
        raise CardRefused(Status.PERMISSION_DENIED)
    chip.picc = chip.picc.formatted()
    return b""


def free_memory(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Bytes, as a number of three."""
    sized(data, 0)
    return chip.picc.free.to_bytes(3, "little")


def uid_plan(chip: Chip, payload: bytes) -> Plan:
    """Enciphered, so for those who are authenticated."""
    return Plan(back=Mode.FULL)


def get_card_uid(chip: Chip, header: bytes, data: bytes) -> bytes:
    """The true UID, also where the card shows a random one."""
    sized(data, 0)
    if chip.channel.key_number is None:
        raise CardRefused(Status.AUTHENTICATION_ERROR)
    return chip.picc.uid


def version_plan(chip: Chip, payload: bytes) -> Plan:
    """Three frames."""
    return Plan(cuts=FRAMES)


def get_version(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Hardware, software, UID and production; zeros instead of a UID that is kept secret."""
    sized(data, 0)
    picc = chip.picc
    return picc.version.describe(picc.storage, bytes(7) if picc.random_uid else picc.uid)


def configuration_plan(chip: Chip, payload: bytes) -> Plan:
    """An option, then enciphered data; an ATS says itself how long it is."""
    option = enough(payload, 1)[0]
    if option not in _CONFIGURATION_SIZES:
        raise CardRefused(Status.PARAMETER_ERROR)
    return Plan(1, _CONFIGURATION_SIZES[option], Mode.FULL)


def set_configuration(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Once and for all: no more formatting, a random UID; the keys of new applications; the ATS."""
    chip.require_level(picc=True)
    chip.require_key(MASTER)
    picc = chip.picc
    if header[0] == _CONFIGURATION:
        picc = replace(
            picc,
            unformattable=picc.unformattable or bool(data[0] & 1),
            random_uid=picc.random_uid or bool(data[0] & 2),
        )
    elif header[0] == _DEFAULT_KEY:
        picc = replace(picc, default_key=ChipKey(Kind.TRIPLE, data[:24], data[24]))
    else:
        picc = replace(picc, ats=data[: data[0]] if data else b"")
    chip.picc = picc
    return b""

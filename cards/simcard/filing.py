"""Commands that make, list and remove files and change who may use them."""

from dataclasses import replace

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.access import Access
from cards.simcard.chip import Chip
from cards.simcard.files import BackupFile, File, RecordFile, StandardFile, ValueFile
from cards.simcard.picc import FREE_CREATION, FREE_LISTING
from cards.simcard.plan import Plan, enough, number, sized

_MOST_FILES = 32
_FREE = 0xE


def create_standard_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Number, settings, size."""
    place, iso_id, access, rest = _opening(chip, data, 3)
    return _create(chip, place, StandardFile(access, bytes(_positive(rest)), iso_id))


def create_backup_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Number, settings, size."""
    place, iso_id, access, rest = _opening(chip, data, 3)
    return _create(chip, place, BackupFile(access, bytes(_positive(rest)), iso_id))


def create_linear_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Number, settings, size and number of records."""
    return _create_records(chip, data, cyclic=False)


def create_cyclic_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Number, settings, size and number of records, at least two."""
    return _create_records(chip, data, cyclic=True)


def _create_records(chip: Chip, data: bytes, cyclic: bool) -> bytes:
    place, iso_id, access, rest = _opening(chip, data, 6)
    size, limit = _positive(rest[:3]), _positive(rest[3:])
    if cyclic and limit < 2:
        raise CardRefused(Status.PARAMETER_ERROR)
    return _create(chip, place, RecordFile(access, size, limit, cyclic, iso_id=iso_id))


def create_value_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Number, settings, limits, value and flags; it has no ISO identifier."""
    place, _, access, rest = _opening(chip, sized(data, 17), 13)
    lower, upper, value = (int.from_bytes(rest[at : at + 4], "little", signed=True) for at in (0, 4, 8))
    if not lower <= value <= upper or rest[12] > 3:
        raise CardRefused(Status.PARAMETER_ERROR)
    return _create(chip, place, ValueFile(access, lower, upper, value, 0, rest[12]))


def _opening(chip: Chip, data: bytes, rest: int) -> tuple[int, int | None, Access, bytes]:
    # an ISO file identifier of two bytes stands after the number, in applications that have them
    chip.require_level(picc=False)
    chip.require_master(unless=FREE_CREATION)
    iso = len(data) - (1 + 3 + rest)
    if iso not in (0, 2) or (iso and not chip.application.iso_files):
        raise CardRefused(Status.LENGTH_ERROR)
    if data[0] >= _MOST_FILES:
        raise CardRefused(Status.PARAMETER_ERROR)
    access = _known_keys(chip, Access.decode(data[1 + iso : 4 + iso]))
    return data[0], number(data[1:3]) if iso else None, access, data[4 + iso :]


def _known_keys(chip: Chip, access: Access) -> Access:
    rights = (access.read, access.write, access.both, access.change)
    if any(len(chip.application.keys) <= right < _FREE for right in rights):
        raise CardRefused(Status.PARAMETER_ERROR)
    return access


def _positive(data: bytes) -> int:
    if not number(data):
        raise CardRefused(Status.PARAMETER_ERROR)
    return number(data)


def _create(chip: Chip, place: int, file: File) -> bytes:
    chip.picc = chip.picc.with_new_file(chip.selected, place, file)
    return b""


def delete_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """The file, its content and what a transaction prepared for it."""
    chip.require_level(picc=False)
    chip.require_master(unless=FREE_CREATION)
    chip.picc = chip.picc.without_file(chip.selected, sized(data, 1)[0])
    chip.drafts.pop(data[0], None)
    return b""


def get_file_ids(chip: Chip, header: bytes, data: bytes) -> bytes:
    """One byte for each file."""
    _may_list(chip)
    sized(data, 0)
    return bytes(chip.application.files)


def get_iso_file_ids(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Two bytes for each file that has an ISO identifier."""
    _may_list(chip)
    sized(data, 0)
    iso_ids = (file.iso_id for file in chip.application.files.values())
    return b"".join(iso_id.to_bytes(2, "little") for iso_id in iso_ids if iso_id is not None)


def get_file_settings(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Kind, settings, and sizes or limits."""
    _may_list(chip)
    file = chip.file(sized(data, 1)[0])
    return bytes((file.kind,)) + file.access.encode() + file.details()


def _may_list(chip: Chip) -> None:
    chip.require_level(picc=False)
    chip.require_master(unless=FREE_LISTING)


def changing_settings(chip: Chip, payload: bytes) -> Plan:
    """File, then settings: enciphered, or in clear where everybody may change them."""
    access = chip.file(enough(payload, 1)[0]).access
    if chip.mode(access, access.change) is Mode.PLAIN and access.change == _FREE:
        return Plan(1, 3, Mode.PLAIN, Mode.PLAIN)
    return Plan(1, 3, Mode.FULL)


def change_file_settings(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Another mode and other rights."""
    access = _known_keys(chip, Access.decode(sized(data, 3)))
    file = replace(chip.file(header[0]), access=access)
    chip.store(chip.application.with_file(header[0], file))
    return b""

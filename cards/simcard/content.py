"""Commands about what is in an application's files, and the transaction that makes changes true together."""

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.access import Access
from cards.simcard.chip import Chip
from cards.simcard.drafts import DataDraft, RecordDraft
from cards.simcard.files import (
    BackupFile,
    RecordFile,
    StandardFile,
    ValueFile,
    read_bytes,
)
from cards.simcard.plan import Plan, enough, number, sized

_SPAN = 7


def reading_data(chip: Chip, payload: bytes) -> Plan:
    """File, offset and length; the data comes by the file's mode."""
    return _reading(chip, payload, _data_file(chip, enough(payload, _SPAN)[0]).access)


def reading_records(chip: Chip, payload: bytes) -> Plan:
    """File, offset and count; the records come by the file's mode."""
    return _reading(chip, payload, _record_file(chip, enough(payload, _SPAN)[0]).access)


def _reading(chip: Chip, payload: bytes, access: Access) -> Plan:
    mode = chip.mode(access, access.read, access.both)
    return Plan(_SPAN, 0, asked(mode), mode, marked=number(payload[4:_SPAN]) == 0)


def asked(mode: Mode) -> Mode:
    """How the other direction of a file command travels."""
    return Mode.PLAIN if mode is Mode.PLAIN else Mode.USUAL


def read_data(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Bytes as they were committed last."""
    return read_bytes(_data_file(chip, header[0]).data, number(header[1:4]), number(header[4:]))


def read_records(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Records as they were committed last, the oldest first."""
    return _record_file(chip, header[0]).read(number(header[1:4]), number(header[4:]))


def writing(chip: Chip, payload: bytes) -> Plan:
    """File, offset and length, then data by the file's mode; BOUNDARY_ERROR beyond the file or the record."""
    file = chip.file(enough(payload, _SPAN)[0])
    if isinstance(file, ValueFile):
        raise CardRefused(Status.PERMISSION_DENIED)
    mode = chip.mode(file.access, file.access.write, file.access.both)
    offset, length = number(payload[1:4]), number(payload[4:_SPAN])
    if not length:
        raise CardRefused(Status.PARAMETER_ERROR)
    if offset + length > file.extent:
        raise CardRefused(Status.BOUNDARY_ERROR)
    return Plan(_SPAN, length, mode, asked(mode))


def write_data(chip: Chip, header: bytes, data: bytes) -> bytes:
    """At once into a standard file, with the commit into a backup file."""
    file, place, offset = _data_file(chip, header[0]), header[0], number(header[1:4])
    if isinstance(file, StandardFile):
        chip.store(chip.application.with_file(place, file.written(offset, data)))
    else:
        draft = chip.drafts.get(place)
        draft = draft if isinstance(draft, DataDraft) else DataDraft.of(file)
        chip.drafts[place] = draft.written(offset, data)
    return b""


def write_record(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Into the one new record that the commit appends."""
    file = _record_file(chip, header[0])
    chip.drafts[header[0]] = _record_draft(chip, header[0]).written(number(header[1:4]), data, file)
    return b""


def _record_draft(chip: Chip, place: int) -> RecordDraft:
    draft = chip.drafts.get(place)
    return draft if isinstance(draft, RecordDraft) else RecordDraft()


def clear_record_file(chip: Chip, header: bytes, data: bytes) -> bytes:
    """No records with the next commit; nothing is written before that."""
    place = sized(data, 1)[0]
    access = _record_file(chip, place).access
    chip.mode(access, access.both)
    chip.drafts[place] = RecordDraft(cleared=True)
    return b""


def commit(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Everything drafted becomes true in one step; NO_CHANGES when there is nothing."""
    sized(data, 0)
    if not chip.drafts:
        raise CardRefused(Status.NO_CHANGES)
    chip.commit()
    return b""


def abort(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Everything drafted is forgotten; NO_CHANGES when there is nothing."""
    sized(data, 0)
    if not chip.drafts:
        raise CardRefused(Status.NO_CHANGES)
    chip.drafts = {}
    return b""


def _data_file(chip: Chip, place: int) -> StandardFile | BackupFile:
    file = chip.file(place)
    if not isinstance(file, StandardFile | BackupFile):
        raise CardRefused(Status.PERMISSION_DENIED)
    return file


def _record_file(chip: Chip, place: int) -> RecordFile:
    file = chip.file(place)
    if not isinstance(file, RecordFile):
        raise CardRefused(Status.PERMISSION_DENIED)
    return file

"""Commands about value files: counters that change with the commit."""

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.access import Access
from cards.simcard.chip import Chip
from cards.simcard.content import asked
from cards.simcard.drafts import ValueDraft
from cards.simcard.files import ValueFile, le
from cards.simcard.plan import Plan, enough, sized

_AMOUNT = 4
_FREE_READING = 0x02


def reading_value(chip: Chip, payload: bytes) -> Plan:
    """The file; its value comes by the file's mode, or for everybody where the file says so."""
    file = _value_file(chip, enough(payload, 1)[0])
    access = file.access
    if file.flags & _FREE_READING and chip.channel.key_number not in (access.read, access.write, access.both):
        mode = Mode.PLAIN
    else:
        mode = chip.mode(access, access.read, access.write, access.both)
    return Plan(1, 0, asked(mode), mode)


def get_value(chip: Chip, header: bytes, data: bytes) -> bytes:
    """The value as it was committed last."""
    return le(_value_file(chip, header[0]).value, 4)


def crediting(chip: Chip, payload: bytes) -> Plan:
    """File and amount, with the right to read and write."""
    access = _value_file(chip, enough(payload, 1)[0]).access
    return _changing(chip, access, access.both)


def refunding(chip: Chip, payload: bytes) -> Plan:
    """File and amount, with the right to write."""
    access = _value_file(chip, enough(payload, 1)[0]).access
    return _changing(chip, access, access.write, access.both)


def debiting(chip: Chip, payload: bytes) -> Plan:
    """File and amount, with the right to read."""
    access = _value_file(chip, enough(payload, 1)[0]).access
    return _changing(chip, access, access.read, access.write, access.both)


def _changing(chip: Chip, access: Access, *rights: int) -> Plan:
    mode = chip.mode(access, *rights)
    return Plan(1, _AMOUNT, mode, asked(mode))


def credit(chip: Chip, header: bytes, data: bytes) -> bytes:
    """More, with the commit."""
    file = _value_file(chip, header[0])
    chip.drafts[header[0]] = _value_draft(chip, header[0], file).credited(_amount(data), file)
    return b""


def limited_credit(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Some of what was debited last, with the commit."""
    file = _value_file(chip, header[0])
    chip.drafts[header[0]] = _value_draft(chip, header[0], file).refunded(_amount(data), file)
    return b""


def debit(chip: Chip, header: bytes, data: bytes) -> bytes:
    """Less, with the commit."""
    file = _value_file(chip, header[0])
    chip.drafts[header[0]] = _value_draft(chip, header[0], file).debited_by(_amount(data), file)
    return b""


def _value_draft(chip: Chip, place: int, file: ValueFile) -> ValueDraft:
    draft = chip.drafts.get(place)
    return draft if isinstance(draft, ValueDraft) else ValueDraft.of(file)


def _amount(data: bytes) -> int:
    amount = int.from_bytes(sized(data, _AMOUNT), "little", signed=True)
    if amount < 0:
        raise CardRefused(Status.PARAMETER_ERROR)
    return amount


def _value_file(chip: Chip, place: int) -> ValueFile:
    file = chip.file(place)
    if not isinstance(file, ValueFile):
        raise CardRefused(Status.PERMISSION_DENIED)
    return file

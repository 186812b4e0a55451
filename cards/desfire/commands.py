"""The native commands, each as a function that returns a Command.

Integers travel least significant byte first; application identifiers are given as they travel (3 bytes, `F40AD0` is
`D0 0A F4`). File access rights are the four nibbles Read, Write, Read&Write, Change as one number, such as 0xE330:
a key number, E for free access, F for none.

A file's own mode protects its data. Where only the free access condition (E) lets a command through, although another
key is in use, the card treats the file as plain: pass Mode.PLAIN.
"""

from cards.desfire.command import CHANGE_KEY, Command, Mode
from cards.desfire.crypto import crc32, xor
from cards.desfire.procedure import Step
from cards.desfire.session import Session
from cards.errors import Unencodable

PICC = b"\0\0\0"
"""The identifier that stands for the card itself."""
_WRITE_DATA = 0x3D
_COMMIT = 0xC7
AES_KEY = 0x80
"""Added to the number of the card's master key when it becomes an AES key; to a number of keys: all of them are AES."""


def select_application(aid: bytes) -> Command:
    """Applications and the card itself (PICC); ends a session, so it goes out in a plain one."""
    return Command(0x5A, data=aid)


def create_application(aid: bytes, settings: int, keys: int) -> Command:
    """`settings` is KS1, `keys` is KS2: their number and AES_KEY."""
    return Command(0xCA, data=aid + bytes((settings, keys)))


def delete_application(aid: bytes) -> Command:
    """With the card selected."""
    return Command(0xDA, data=aid)


def get_application_ids() -> Command:
    """Three bytes for each application; several fill more than one frame."""
    return Command(0x6A, length=None)


def get_file_ids() -> Command:
    """One byte for each file."""
    return Command(0x6F, length=None)


def free_memory() -> Command:
    """Free bytes as a number of three."""
    return Command(0x6E, length=3)


def format_picc() -> Command:
    """Removes all applications; the card's master key and settings stay."""
    return Command(0xFC)


def get_card_uid() -> Command:
    """The seven bytes of the UID, enciphered: only after an authentication."""
    return Command(0x51, back=Mode.FULL, length=7)


def set_configuration(option: int, data: bytes) -> Command:
    """`option` 0: the card's configuration byte; 1: the default key and its version."""
    return Command(0x5C, bytes((option,)), data, out=Mode.FULL)


def get_key_settings() -> Command:
    """KS1 and KS2 of what is selected."""
    return Command(0x45, length=2)


def change_key_settings(settings: int) -> Command:
    """A new KS1."""
    return Command(0x54, data=bytes((settings,)), out=Mode.FULL)


def get_key_version(number: int) -> Command:
    """One byte."""
    return Command(0x64, data=bytes((number,)), length=1)


def change_key(in_use: Session | int, number: int, new: bytes, version: int, old: bytes | None = None) -> Command:
    """A new 16-byte AES key of `version` 0..255 in place of key `number` (the card's master key: 0 | AES_KEY).

    `in_use` is the session or the number of its key. That key itself ends the session; any other needs its `old` value.
    """
    header, ending = bytes((number,)), bytes((version,))
    if number & ~AES_KEY == (in_use if isinstance(in_use, int) else in_use.key_number):
        return Command(CHANGE_KEY, header, new + ending, out=Mode.FULL, ends=True)
    if old is None:
        raise Unencodable("the old key")
    return Command(CHANGE_KEY, header, xor(new, old) + ending, out=Mode.FULL, tail=crc32(new))


def create_standard_file(number: int, mode: Mode, rights: int, size: int) -> Command:
    """Bytes that a write changes at once."""
    return _create(0xCD, number, mode, rights, _three(size))


def create_backup_file(number: int, mode: Mode, rights: int, size: int) -> Command:
    """Bytes that a commit changes."""
    return _create(0xCB, number, mode, rights, _three(size))


def create_value_file(number: int, mode: Mode, rights: int, lower: int, upper: int, value: int) -> Command:
    """A counter between two signed limits, without LimitedCredit."""
    return _create(0xCC, number, mode, rights, _four(lower) + _four(upper) + _four(value) + b"\0")


def create_linear_file(number: int, mode: Mode, rights: int, size: int, records: int) -> Command:
    """Records of `size` bytes; full after `records`."""
    return _create(0xC1, number, mode, rights, _three(size) + _three(records))


def create_cyclic_file(number: int, mode: Mode, rights: int, size: int, records: int) -> Command:
    """Records of `size` bytes; the newest `records` - 1 can be read."""
    return _create(0xC0, number, mode, rights, _three(size) + _three(records))


def _create(code: int, number: int, mode: Mode, rights: int, rest: bytes) -> Command:
    return Command(code, data=bytes((number, mode.value)) + rights.to_bytes(2, "little") + rest)


def delete_file(number: int) -> Command:
    """The file and its data; its memory comes back with a format only."""
    return Command(0xDF, data=bytes((number,)))


def get_file_settings(number: int, length: int | None = None) -> Command:
    """Type, mode, rights, then sizes or limits: `length` 7 for bytes, 13 for records, 17 for a value."""
    return Command(0xF5, data=bytes((number,)), length=length)


def change_file_settings(number: int, mode: Mode, rights: int, out: Mode = Mode.FULL) -> Command:
    """New mode and rights; `out` is PLAIN only where the right to change them is free."""
    return Command(0x5F, bytes((number,)), bytes((mode.value,)) + rights.to_bytes(2, "little"), out=out)


def read_data(number: int, offset: int, length: int, mode: Mode) -> Command:
    """`length` bytes from `offset`; length 0 reads to the end of the file."""
    return Command(0xBD, _span(number, offset, length), out=_asked(mode), back=mode, length=length or None)


def writes(step: Step) -> bool:
    """Whether the step begins to write data into a file."""
    return step.apdu[1] == _WRITE_DATA


def commits(step: Step) -> bool:
    """Whether the step makes what was written, credited and debited before it true."""
    return step.apdu[1] == _COMMIT


def write_data(number: int, offset: int, data: bytes, mode: Mode) -> Command:
    """At least one byte."""
    return Command(_WRITE_DATA, _span(number, offset, len(data)), data, out=mode, back=_asked(mode))


def get_value(number: int, mode: Mode) -> Command:
    """The counter as a signed number of four bytes (`value_of`)."""
    return Command(0x6C, bytes((number,)), out=_asked(mode), back=mode, length=4)


def value_of(answer: bytes) -> int:
    """The number that GetValue answered."""
    return int.from_bytes(answer, "little", signed=True)


def credit(number: int, amount: int, mode: Mode) -> Command:
    """Adds `amount` with the next commit."""
    return Command(0x0C, bytes((number,)), _four(amount), out=mode, back=_asked(mode))


def debit(number: int, amount: int, mode: Mode) -> Command:
    """Takes `amount` away with the next commit."""
    return Command(0xDC, bytes((number,)), _four(amount), out=mode, back=_asked(mode))


def read_records(number: int, first: int, count: int, size: int, mode: Mode) -> Command:
    """`count` records of `size` bytes ending with the one `first` before the newest, oldest first; count 0: all."""
    span, length = _span(number, first, count), count * size
    return Command(0xBB, span, out=_asked(mode), back=mode, length=length or None)


def write_record(number: int, offset: int, data: bytes, mode: Mode) -> Command:
    """A new record with the next commit."""
    return Command(0x3B, _span(number, offset, len(data)), data, out=mode, back=_asked(mode))


def clear_record_file(number: int) -> Command:
    """No records with the next commit."""
    return Command(0xEB, data=bytes((number,)))


def commit() -> Command:
    """All that waits in the selected application becomes true together."""
    return Command(_COMMIT)


def abort() -> Command:
    """All that waits in the selected application is forgotten."""
    return Command(0xA7)


def _asked(mode: Mode) -> Mode:
    return Mode.PLAIN if mode is Mode.PLAIN else Mode.USUAL


def _span(number: int, start: int, length: int) -> bytes:
    return bytes((number,)) + _three(start) + _three(length)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _four(number: int) -> bytes:
    return number.to_bytes(4, "little", signed=True)

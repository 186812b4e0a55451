"""The native command set of the virtual card: for each code its plan and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from cards.simcard import administration as admin
from cards.simcard import content, filing, keyring, login, values, whole_chip
from cards.simcard.chip import Chip
from cards.simcard.keys import Kind
from cards.simcard.login import Talk
from cards.simcard.plan import Plan, usual
from cards.simcard.version import Version


@dataclass(frozen=True, slots=True)
class Instruction:
    """`run` is given the chip, the bytes in clear and the data, and returns the data of the answer."""

    run: Callable[[Chip, bytes, bytes], bytes]
    plan: Callable[[Chip, bytes], Plan] = usual


INSTRUCTIONS: Mapping[int, Instruction] = MappingProxyType(
    {
        0x45: Instruction(keyring.get_key_settings),
        0x51: Instruction(whole_chip.get_card_uid, whole_chip.uid_plan),
        0x54: Instruction(keyring.change_key_settings, keyring.settings_plan),
        0x5A: Instruction(admin.select_application, admin.selection_plan),
        0x5C: Instruction(whole_chip.set_configuration, whole_chip.configuration_plan),
        0x60: Instruction(whole_chip.get_version, whole_chip.version_plan),
        0x64: Instruction(keyring.get_key_version),
        0x6A: Instruction(admin.get_application_ids),
        0x6D: Instruction(admin.get_names, admin.names_plan),
        0x6E: Instruction(whole_chip.free_memory),
        0xC4: Instruction(keyring.change_key, keyring.key_plan),
        0xCA: Instruction(admin.create_application),
        0xDA: Instruction(admin.delete_application),
        0xFC: Instruction(whole_chip.format_picc),
        0x5F: Instruction(filing.change_file_settings, filing.changing_settings),
        0x61: Instruction(filing.get_iso_file_ids),
        0x6F: Instruction(filing.get_file_ids),
        0xC0: Instruction(filing.create_cyclic_file),
        0xC1: Instruction(filing.create_linear_file),
        0xCB: Instruction(filing.create_backup_file),
        0xCC: Instruction(filing.create_value_file),
        0xCD: Instruction(filing.create_standard_file),
        0xDF: Instruction(filing.delete_file),
        0xF5: Instruction(filing.get_file_settings),
        0x0C: Instruction(values.credit, values.crediting),
        0x1C: Instruction(values.limited_credit, values.refunding),
        0x3B: Instruction(content.write_record, content.writing),
        0x3D: Instruction(content.write_data, content.writing),
        0x6C: Instruction(values.get_value, values.reading_value),
        0xA7: Instruction(content.abort),
        0xBB: Instruction(content.read_records, content.reading_records),
        0xBD: Instruction(content.read_data, content.reading_data),
        0xC7: Instruction(content.commit),
        0xDC: Instruction(values.debit, values.debiting),
        0xEB: Instruction(content.clear_record_file),
    }
)
"""Commands of one request and one answer, however many frames each takes."""

_LOGINS: Mapping[int, Callable[[Chip, bytes], Talk]] = MappingProxyType(
    {
        0x0A: login.legacy,
        0x1A: partial(login.chained, kinds=(Kind.DES, Kind.TRIPLE)),
        0xAA: partial(login.chained, kinds=(Kind.AES,)),
    }
)
_EV2_LOGINS = MappingProxyType({**_LOGINS, 0x71: login.ev2_first, 0x77: login.ev2_again})


def logins(version: Version) -> Mapping[int, Callable[[Chip, bytes], Talk]]:
    """The ways to authenticate that a chip of `version` knows."""
    return _EV2_LOGINS if version is Version.EV2 else _LOGINS

"""Which instructions a desk passes on."""

import pytest

from cards.desfire import commands
from cards.desfire.frames import wrap
from cards.desk.allowed import check
from cards.errors import InstructionRefused

NEEDED = (
    commands.select_application(b"\xd0\x0a\xf4"),
    commands.create_application(b"\xd0\x0a\xf4", 0x0B, 0x86),
    commands.get_application_ids(),
    commands.get_file_ids(),
    commands.free_memory(),
    commands.format_picc(),
    commands.get_key_settings(),
    commands.get_key_version(0),
    commands.get_card_uid(),
)


@pytest.mark.parametrize("command", NEEDED, ids=lambda command: f"{command.code:02x}")
def test_what_issuing_needs_passes(command: commands.Command) -> None:
    check(wrap(command.code, command.header + command.data))


def test_every_frame_passes_at_its_longest_and_no_longer() -> None:
    check(wrap(0x3D, bytes(59)))
    with pytest.raises(InstructionRefused):
        check(b"\x90\x3d\0\0\x3c" + bytes(60) + b"\0")


def test_the_reader_is_asked_for_nothing_but_the_cards_number() -> None:
    check(bytes.fromhex("FFCA000000"))


@pytest.mark.parametrize(
    "apdu",
    [
        "",
        "90",
        "90600000",
        "9060000001",
        "906000000100",
        "90600100000000",
        "90600000020000",
        "9060000001FF01",
        "80600000000000",
        "00A4040007D276000085010000",
        "FF00000000",
        "FFCA010000",
        "FFD6000410",
        *(f"90{code:02X}000000" for code in (0x0A, 0x1C, 0x5C, 0xC2, 0xDF, 0xFF)),
    ],
)
def test_anything_else_is_refused(apdu: str) -> None:
    with pytest.raises(InstructionRefused):
        check(bytes.fromhex(apdu))

import pytest

from cards.desfire import commands as c
from cards.desfire.command import Command, Mode
from cards.desfire.exchange import PlainChannel, steps_of
from cards.desfire.procedure import run
from cards.desfire.session import PlainSession, Session
from cards.errors import SessionOver, Unencodable

AID = bytes.fromhex("d00af4")


def apdu(wire: str) -> bytes:
    code, data = bytes.fromhex(wire)[:1], bytes.fromhex(wire)[1:]
    return b"\x90" + code + b"\0\0" + (bytes((len(data),)) + data + b"\0" if data else b"\0")


def test_every_command_has_its_bytes():
    commands = [
        (c.select_application(AID), "5a d00af4"),
        (c.create_application(AID, 0x0B, 6 | c.AES_KEY), "ca d00af40b86"),
        (c.delete_application(AID), "da d00af4"),
        (c.get_application_ids(), "6a"),
        (c.get_file_ids(), "6f"),
        (c.free_memory(), "6e"),
        (c.format_picc(), "fc"),
        (c.get_card_uid(), "51"),
        (c.set_configuration(0, b"\x02"), "5c 0002"),
        (c.get_key_settings(), "45"),
        (c.change_key_settings(0x0B), "54 0b"),
        (c.get_key_version(3), "64 03"),
        (c.create_standard_file(1, Mode.MAC, 0xE330, 32), "cd 01 01 30e3 200000"),
        (c.create_backup_file(2, Mode.MAC, 0xE330, 256), "cb 02 01 30e3 000100"),
        (c.create_value_file(5, Mode.MAC, 0x2230, 0, 100_000, 7), "cc 05 01 3022 00000000 a0860100 07000000 00"),
        (c.create_value_file(5, Mode.FULL, 0x2230, -2, 1, -1), "cc 05 03 3022 feffffff 01000000 ffffffff 00"),
        (c.create_linear_file(7, Mode.PLAIN, 0x1230, 16, 5), "c1 07 00 3012 100000 050000"),
        (c.create_cyclic_file(6, Mode.MAC, 0x1230, 32, 11), "c0 06 01 3012 200000 0b0000"),
        (c.delete_file(3), "df 03"),
        (c.get_file_settings(4), "f5 04"),
        (c.change_file_settings(4, Mode.FULL, 0x1330), "5f 04 03 3013"),
        (c.read_data(3, 1, 64, Mode.FULL), "bd 03 010000 400000"),
        (c.write_data(3, 1, b"\xaa\xbb", Mode.FULL), "3d 03 010000 020000 aabb"),
        (c.get_value(5, Mode.MAC), "6c 05"),
        (c.credit(5, 258, Mode.MAC), "0c 05 02010000"),
        (c.debit(5, 1, Mode.FULL), "dc 05 01000000"),
        (c.read_records(6, 0, 2, 32, Mode.MAC), "bb 06 000000 020000"),
        (c.write_record(6, 0, b"\x01" * 3, Mode.MAC), "3b 06 000000 030000 010101"),
        (c.clear_record_file(6), "eb 06"),
        (c.commit(), "c7"),
        (c.abort(), "a7"),
    ]
    for command, wire in commands:
        assert steps_of(PlainChannel(), command)[0].apdu == apdu(wire)


def test_every_command_knows_how_much_comes_back():
    commands = [
        (c.get_application_ids(), None),
        (c.get_file_ids(), None),
        (c.free_memory(), 3),
        (c.get_card_uid(), 7),
        (c.get_key_settings(), 2),
        (c.get_key_version(0), 1),
        (c.get_file_settings(1), None),
        (c.get_file_settings(1, 7), 7),
        (c.read_data(1, 0, 32, Mode.MAC), 32),
        (c.read_data(1, 0, 0, Mode.MAC), None),
        (c.get_value(5, Mode.MAC), 4),
        (c.read_records(6, 0, 2, 32, Mode.MAC), 64),
        (c.read_records(6, 0, 0, 32, Mode.MAC), None),
        (c.write_data(1, 0, b"\0", Mode.MAC), 0),
        (c.commit(), 0),
    ]
    for command, length in commands:
        assert command.length == length


@pytest.mark.parametrize(("mode", "asked"), [(Mode.PLAIN, Mode.PLAIN), (Mode.MAC, Mode.USUAL), (Mode.FULL, Mode.USUAL)])
def test_what_is_read_comes_in_the_mode_of_the_file(mode, asked):
    for command in (c.read_data(1, 0, 9, mode), c.get_value(5, mode), c.read_records(6, 0, 1, 32, mode)):
        assert (command.out, command.back) == (asked, mode)


@pytest.mark.parametrize(("mode", "back"), [(Mode.PLAIN, Mode.PLAIN), (Mode.MAC, Mode.USUAL), (Mode.FULL, Mode.USUAL)])
def test_what_is_written_goes_in_the_mode_of_the_file(mode, back):
    writes = [c.write_data(1, 0, b"\0", mode), c.write_record(6, 0, b"\0", mode)]
    for command in (*writes, c.credit(5, 1, mode), c.debit(5, 1, mode)):
        assert (command.out, command.back) == (mode, back)


def test_what_changes_the_card_itself_goes_enciphered():
    settings = c.change_file_settings(1, Mode.MAC, 0x1330)
    for command in (c.change_key_settings(9), c.set_configuration(0, b"\0"), settings):
        assert command.out is Mode.FULL
    assert c.get_card_uid().back is Mode.FULL


def test_a_free_change_of_rights_goes_in_clear():
    assert c.change_file_settings(1, Mode.MAC, 0xEEEE, out=Mode.PLAIN).out is Mode.PLAIN


@pytest.mark.parametrize("number", [0, 100_000, -1, -(2**31)])
def test_a_value_is_a_signed_number(number):
    assert c.value_of(number.to_bytes(4, "little", signed=True)) == number


def test_no_key_travels_outside_a_session():
    with pytest.raises(SessionOver, match="a key never travels in clear"):
        run(PlainSession().batch([c.change_key(0, 0, bytes(16), 1)]), lambda _apdu: b"\x91\x00")


def test_another_key_needs_its_old_value():
    with pytest.raises(Unencodable, match=r"\(the old key\)"):
        c.change_key(0, 1, bytes(16), 1)


@pytest.mark.parametrize("in_use", [2, Session(PlainChannel(), 2)])
def test_the_key_in_use_ends_the_session_and_needs_no_old_value(in_use):
    command = c.change_key(in_use, 2, b"\x11" * 16, 7, b"\x22" * 16)
    assert command == Command(0xC4, b"\x02", b"\x11" * 16 + b"\x07", out=Mode.FULL, ends=True)


def test_the_master_key_of_the_card_is_marked_as_aes():
    command = c.change_key(0, c.AES_KEY, b"\x11" * 16, 7)
    assert command.header == b"\x80"
    assert command.ends

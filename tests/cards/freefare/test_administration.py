"""libfreefare, by ctypes: keys, applications, settings and what the card refuses."""

from ctypes import byref, c_size_t, c_uint8, c_uint16, c_uint32

import pytest

from cards.desfire.status import Status
from tests.cards.freefare.conftest import UID
from tests.cards.freefare.library import MACED, PLAIN, LibraryFailed, Refused, Tag

AID, OTHER = 0xF40AD0, 0x112233
AES = bytes(range(16))


def made(tag: Tag, aid: int, settings: int = 0x0F, keys: int = 0x83) -> None:
    tag.call("create_application", tag.aid(aid), c_uint8(settings), c_uint8(keys))


def refusal(tag: Tag, name: str, *arguments: object) -> Status:
    with pytest.raises(Refused) as refused:
        tag.call(name, *arguments)
    return refused.value.status


def test_the_master_key_becomes_an_aes_key_and_a_des_key_again(tag):
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    tag.call("change_key", c_uint8(0), tag.key("aes", AES, 0x42), None)
    assert tag.byte("get_key_version", c_uint8(0)) == 0x42
    tag.call("authenticate_aes", 0, tag.key("aes", AES))
    assert tag.byte("get_key_version", c_uint8(0)) == 0x42
    tag.call("change_key", c_uint8(0), tag.key("des", b"@BCDEFGH"), None)
    tag.call("authenticate", 0, tag.key("des", b"@BCDEFGH"))
    tag.call("authenticate_iso", 0, tag.key("des", b"@BCDEFGH"))


@pytest.mark.parametrize(
    ("kind", "authenticate", "flag", "size"),
    [
        ("des", "authenticate", 0x00, 8),
        ("des", "authenticate_iso", 0x00, 8),
        ("3k3des", "authenticate_iso", 0x40, 24),
        ("aes", "authenticate_aes", 0x80, 16),
    ],
)
def test_one_key_changes_another_and_itself(tag, kind, authenticate, flag, size):
    zero, new, last = bytes(size), bytes(range(2, 2 * size + 2, 2)), bytes(range(64, 64 + size))
    made(tag, AID, keys=flag | 3)
    tag.select(AID)
    tag.call(authenticate, 0, tag.key(kind, zero))
    tag.call("change_key", c_uint8(2), tag.key(kind, new, 9), tag.key(kind, zero))
    tag.call("change_key", c_uint8(2), tag.key(kind, last, 10), tag.key(kind, new))
    tag.call("change_key", c_uint8(0), tag.key(kind, new, 11), None)
    tag.call(authenticate, 0, tag.key(kind, new))
    tag.call(authenticate, 2, tag.key(kind, last))
    assert refusal(tag, authenticate, 0, tag.key(kind, zero)) is Status.AUTHENTICATION_ERROR
    if kind == "aes":
        assert [tag.byte("get_key_version", c_uint8(number)) for number in range(3)] == [11, 0, 10]


def test_a_key_is_not_changed_from_a_wrong_old_one(tag):
    made(tag, AID)
    tag.select(AID)
    tag.call("authenticate_aes", 0, tag.key("aes", bytes(16)))
    wrong = (c_uint8(1), tag.key("aes", AES, 1), tag.key("aes", AES))
    assert refusal(tag, "change_key", *wrong) is Status.INTEGRITY_ERROR
    tag.call("authenticate_aes", 1, tag.key("aes", bytes(16)))


def test_a_wrong_key_is_refused(tag):
    assert refusal(tag, "authenticate", 0, tag.key("des", b"@BCDEFGH")) is Status.AUTHENTICATION_ERROR
    assert refusal(tag, "authenticate_aes", 0, tag.key("aes", AES)) is Status.AUTHENTICATION_ERROR
    assert refusal(tag, "authenticate", 1, tag.key("des", bytes(8))) is Status.NO_SUCH_KEY


def test_the_uid_comes_enciphered(tag):
    tag.call("authenticate_iso", 0, tag.key("des", bytes(8)))
    assert tag.uid() == UID.hex()


def test_a_list_of_applications_longer_than_a_frame_arrives_whole(tag):
    tag.call("authenticate_iso", 0, tag.key("des", bytes(8)))
    for number in range(1, 29):
        made(tag, number, keys=1)
    assert tag.aids() == 28
    full = (tag.aid(29), c_uint8(0x0F), c_uint8(1))
    assert refusal(tag, "create_application", *full) is Status.COUNT_ERROR


def test_applications_and_files_are_made_once_and_removed(tag):
    made(tag, AID)
    again = (tag.aid(AID), c_uint8(0x0F), c_uint8(0x83))
    assert refusal(tag, "create_application", *again) is Status.DUPLICATE
    tag.select(AID)
    file = (c_uint8(1), c_uint8(PLAIN), c_uint16(0xEEEE), c_uint32(32))
    tag.call("create_std_data_file", *file)
    assert refusal(tag, "create_std_data_file", *file) is Status.DUPLICATE
    assert tag.files() == [1]
    tag.call("delete_file", c_uint8(1))
    assert tag.files() == []
    assert refusal(tag, "delete_file", c_uint8(1)) is Status.FILE_NOT_FOUND
    tag.call("authenticate_aes", 0, tag.key("aes", bytes(16)))
    tag.call("delete_application", tag.aid(AID))
    assert tag.aids() == 0
    assert refusal(tag, "select_application", tag.aid(AID)) is Status.APPLICATION_NOT_FOUND


def test_memory_runs_out_and_comes_back_with_a_format(tag):
    assert tag.free_memory() == 4864
    made(tag, AID)
    tag.select(AID)
    tag.call("create_std_data_file", c_uint8(1), c_uint8(PLAIN), c_uint16(0xEEEE), c_uint32(4096))
    more = (c_uint8(2), c_uint8(PLAIN), c_uint16(0xEEEE), c_uint32(4096))
    assert refusal(tag, "create_std_data_file", *more) is Status.OUT_OF_MEMORY
    tag.select(0)
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    tag.call("format_picc")
    assert tag.free_memory() == 4864


def test_strict_settings_ask_for_the_master_key(tag):
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    tag.call("change_key_settings", c_uint8(0x08))
    tag.select(0)
    new = (tag.aid(AID), c_uint8(0x0F), c_uint8(1))
    assert refusal(tag, "create_application", *new) is Status.AUTHENTICATION_ERROR
    with pytest.raises(Refused):
        tag.aids()
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    tag.call("create_application", *new)
    settings, keys = c_uint8(), c_uint8()
    tag.call("get_key_settings", byref(settings), byref(keys))
    assert (settings.value, keys.value) == (0x08, 1)


def test_a_right_belongs_to_its_key(tag):
    made(tag, AID)
    tag.select(AID)
    tag.call("authenticate_aes", 0, tag.key("aes", bytes(16)))
    tag.call("create_std_data_file", c_uint8(1), c_uint8(MACED), c_uint16(0x12F0), c_uint32(32))
    tag.call("authenticate_aes", 1, tag.key("aes", bytes(16)))
    assert tag.read("read_data", 1, 0, 32, 32, MACED) == bytes(32)
    with pytest.raises(Refused) as refused:
        tag.write("write_data", 1, 0, b"not mine", PLAIN)
    assert refused.value.status is Status.AUTHENTICATION_ERROR
    tag.call("authenticate_aes", 2, tag.key("aes", bytes(16)))
    tag.write("write_data", 1, 0, b"mine", MACED)


def test_nobody_may_do_what_is_nobodys(tag):
    made(tag, AID)
    tag.select(AID)
    tag.call("create_std_data_file", c_uint8(1), c_uint8(PLAIN), c_uint16(0xEFFF), c_uint32(32))
    with pytest.raises(Refused) as refused:
        tag.write("write_data", 1, 0, b"no", PLAIN)
    assert refused.value.status is Status.PERMISSION_DENIED


def test_what_the_library_writes_in_the_wrong_mode_is_not_taken(tag):
    made(tag, AID)
    tag.select(AID)
    tag.call("authenticate_aes", 0, tag.key("aes", bytes(16)))
    tag.call("create_std_data_file", c_uint8(1), c_uint8(MACED), c_uint16(0x0000), c_uint32(32))
    with pytest.raises((Refused, LibraryFailed)):
        tag.write("write_data", 1, 0, bytes(16), PLAIN)


def test_there_is_nothing_to_commit_or_to_abort(tag):
    made(tag, AID)
    tag.select(AID)
    assert refusal(tag, "commit_transaction") is Status.NO_CHANGES
    assert refusal(tag, "abort_transaction") is Status.NO_CHANGES


def test_a_refusal_ends_an_aes_session_and_not_a_legacy_one(tag):
    made(tag, AID)
    made(tag, OTHER, settings=0x09, keys=1)
    tag.select(AID)
    tag.call("authenticate_aes", 0, tag.key("aes", bytes(16)))
    assert refusal(tag, "delete_file", c_uint8(9)) is Status.FILE_NOT_FOUND
    secret = (c_uint8(1), c_uint8(PLAIN), c_uint16(0x0000), c_uint32(8))
    tag.select(OTHER)
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    assert refusal(tag, "delete_file", c_uint8(9)) is Status.FILE_NOT_FOUND
    tag.call("create_std_data_file", *secret)


def test_iso_names_and_file_identifiers_are_kept(tag):
    iso = (c_uint8(0x0F), c_uint8(1), 1, c_uint16(0x10F4), b"AMIS", c_size_t(4))
    tag.call("create_application_iso", tag.aid(AID), *iso)
    assert refusal(tag, "create_application_iso", tag.aid(OTHER), *iso) is Status.DUPLICATE
    tag.select(AID)
    for number in (1, 2):
        file = (c_uint8(number), c_uint8(PLAIN), c_uint16(0xEEEE), c_uint32(32), c_uint16(0xE100 + number))
        tag.call("create_std_data_file_iso", *file)
    assert tag.iso_files() == [0xE101, 0xE102]


def test_a_new_aes_default_key_opens_new_applications(tag):
    # libfreefare 0.4 takes the version from the lowest bits of an AES key, as if it were a DES key
    key = bytes.fromhex("0002040608030a07") + AES[8:]
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    tag.call("set_default_key", tag.key("aes", key, 5))
    made(tag, AID)
    tag.select(AID)
    assert tag.byte("get_key_version", c_uint8(0)) == 5
    tag.call("authenticate_aes", 0, tag.key("aes", key))


def test_a_card_that_may_not_be_formatted_stays_as_it_is(tag):
    made(tag, AID)
    tag.call("authenticate", 0, tag.key("des", bytes(8)))
    tag.call("set_configuration", True, False)
    assert refusal(tag, "format_picc") is Status.PERMISSION_DENIED
    assert tag.aids() == 1

"""libfreefare, by ctypes: every type of file in every mode of communication under every kind of key."""

from ctypes import c_int32, c_uint8, c_uint16, c_uint32
from dataclasses import dataclass

import pytest

from cards.desfire.status import Status
from tests.cards.freefare.library import ENCIPHERED, MACED, PLAIN, Refused, Tag

AID = 0xF40AD0
FILE = 3
# libfreefare 0.4 mistakes the padding where a four-byte MAC is of whole blocks, and does not look for a checksum that
# a whole block of padding follows; and it writes an eight-byte MAC under 2K3DES into room for four, which the allocator
# forgives for some sizes only. The sizes here avoid all three.
LONG = bytes(number % 251 for number in range(200))


@dataclass(frozen=True)
class Scheme:
    """A kind of key and the way to authenticate with it; `flag` marks it in an application's settings."""

    kind: str
    authenticate: str
    flag: int
    size: int

    @property
    def zero(self) -> bytes:
        return bytes(self.size)

    @property
    def own(self) -> bytes:
        """A key that is not the one an application begins with; its halves differ."""
        return bytes(range(0, 10 * self.size, 10))


SCHEMES = [
    Scheme("des", "authenticate", 0x00, 8),
    Scheme("3des", "authenticate", 0x00, 16),
    Scheme("3des", "authenticate_iso", 0x00, 16),
    Scheme("3k3des", "authenticate_iso", 0x40, 24),
    Scheme("aes", "authenticate_aes", 0x80, 16),
]
MODES = [
    pytest.param(PLAIN, id="plain"),
    pytest.param(MACED, id="MAC"),
    pytest.param(ENCIPHERED, id="enciphered"),
]


@pytest.fixture(params=SCHEMES, ids=["DES-0A", "2K3DES-0A", "2K3DES-1A", "3K3DES-1A", "AES-AA"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    return request.param


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def inside(tag: Tag, scheme: Scheme) -> Tag:
    """The card with an application of two keys, whose master key has been changed and is in use."""
    tag.call("create_application", tag.aid(AID), c_uint8(0x0F), c_uint8(scheme.flag | 2))
    tag.select(AID)
    # a new 2K3DES key has equal halves, and so is a DES key
    first = (
        ("authenticate", "des", bytes(8)) if scheme.kind == "3des" else (scheme.authenticate, scheme.kind, scheme.zero)
    )
    tag.call(first[0], 0, tag.key(*first[1:]))
    tag.call("change_key", c_uint8(0), tag.key(scheme.kind, scheme.own, 7), None)
    tag.call(scheme.authenticate, 0, tag.key(scheme.kind, scheme.own, 7))
    return tag


def created(tag: Tag, name: str, mode: int, *sizes: int) -> None:
    tag.call(f"create_{name}_file", c_uint8(FILE), c_uint8(mode), c_uint16(0x0000), *map(c_uint32, sizes))


def test_a_standard_file_is_written_and_read_in_pieces_and_whole(inside, mode):
    created(inside, "std_data", mode, 250)
    inside.write("write_data", FILE, 20, LONG, mode)
    assert inside.read("read_data", FILE, 0, 0, 250, mode) == bytes(20) + LONG + bytes(30)
    assert inside.read("read_data", FILE, 25, 50, 50, mode) == LONG[5:55]
    with pytest.raises(Refused) as refused:
        inside.read("read_data", FILE, 249, 2, 250, mode)
    assert refused.value.status is Status.BOUNDARY_ERROR


def test_a_backup_file_shows_its_change_with_the_commit(inside, mode):
    created(inside, "backup_data", mode, 100)
    inside.write("write_data", FILE, 0, LONG[:100], mode)
    assert inside.read("read_data", FILE, 0, 0, 100, mode) == bytes(100)
    inside.call("commit_transaction")
    assert inside.read("read_data", FILE, 0, 0, 100, mode) == LONG[:100]
    inside.write("write_data", FILE, 0, b"forget", mode)
    inside.call("abort_transaction")
    assert inside.read("read_data", FILE, 0, 6, 6, mode) == LONG[:6]


def test_a_value_is_credited_debited_and_given_back_within_its_limits(inside, mode):
    limits = (c_int32(0), c_int32(1000), c_int32(20), c_uint8(1))
    inside.call("create_value_file", c_uint8(FILE), c_uint8(mode), c_uint16(0), *limits)
    inside.change_value("credit", FILE, 100, mode)
    inside.change_value("debit", FILE, 30, mode)
    assert inside.value(FILE, mode) == 20
    inside.call("commit_transaction")
    assert inside.value(FILE, mode) == 90
    inside.change_value("limited_credit", FILE, 30, mode)
    inside.call("commit_transaction")
    assert inside.value(FILE, mode) == 120
    with pytest.raises(Refused) as refused:
        inside.change_value("debit", FILE, 121, mode)
    assert refused.value.status is Status.BOUNDARY_ERROR


def appended(tag: Tag, record: bytes, mode: int) -> None:
    tag.write("write_record", FILE, 0, record, mode)
    tag.call("commit_transaction")


def test_linear_records_fill_the_file_and_are_cleared(inside, mode):
    created(inside, "linear_record", mode, 33, 3)
    records = [bytes([number]) * 33 for number in (1, 2, 3)]
    for record in records:
        appended(inside, record, mode)
    assert inside.read("read_records", FILE, 0, 0, 99, mode) == b"".join(records)
    assert inside.read("read_records", FILE, 1, 1, 33, mode) == records[1]
    inside.call("clear_record_file", c_uint8(FILE))
    inside.call("commit_transaction")
    appended(inside, records[2], mode)
    assert inside.read("read_records", FILE, 0, 0, 99, mode) == records[2]


def test_a_full_linear_file_takes_no_more(inside, mode):
    created(inside, "linear_record", mode, 16, 1)
    appended(inside, bytes(16), mode)
    with pytest.raises(Refused) as refused:
        appended(inside, bytes(16), mode)
    assert refused.value.status is Status.BOUNDARY_ERROR


def test_cyclic_records_push_out_the_oldest(inside, mode):
    created(inside, "cyclic_record", mode, 30, 4)
    records = [bytes([number]) * 30 for number in range(1, 7)]
    for record in records:
        appended(inside, record, mode)
    assert inside.read("read_records", FILE, 0, 0, 120, mode) == b"".join(records[3:])
    inside.write("write_record", FILE, 4, b"half", mode)
    inside.write("write_record", FILE, 0, b"one ", mode)
    inside.call("commit_transaction")
    assert inside.read("read_records", FILE, 0, 1, 30, mode) == b"one half" + bytes(22)


def test_a_file_may_change_its_mode(inside, mode):
    created(inside, "std_data", PLAIN, 32)
    inside.call("change_file_settings", c_uint8(FILE), c_uint8(mode), c_uint16(0x0000))
    assert inside.settings(FILE) == (0, mode, 0x0000)
    inside.write("write_data", FILE, 0, b"after", mode)
    assert inside.read("read_data", FILE, 0, 5, 5, mode) == b"after"

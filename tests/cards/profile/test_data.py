from dataclasses import replace

import pytest

from cards.profile.content import Image
from cards.profile.data import changes, counted, write_all
from tests.cards.profile.table import CONTENT

IMAGE = Image.of(CONTENT, 1)
STANDING = [IMAGE.holder, IMAGE.credential, IMAGE.entitlements, (40).to_bytes(4, "little")]
WRITE, COMMIT, CREDIT, DEBIT = 0x3D, 0xC7, 0x0C, 0xDC


def codes(commands) -> list[tuple[int, int]]:
    """Each command and the file that it is about."""
    return [(command.code, command.header[0] if command.header else 0) for command in commands]


def test_nothing_is_written_where_all_is_there():
    assert changes(IMAGE, STANDING, 40) == []


@pytest.mark.parametrize(
    ("changed", "quota", "expected"),
    [
        ({"holder": bytes(64)}, 40, [(WRITE, 3)]),
        ({"credential": bytes(256)}, 40, [(WRITE, 2), (COMMIT, 0)]),
        ({"entitlements": bytes(96)}, 40, [(WRITE, 4), (COMMIT, 0)]),
        ({}, 41, [(CREDIT, 5), (COMMIT, 0)]),
        ({}, 39, [(DEBIT, 5), (COMMIT, 0)]),
        ({"holder": bytes(64), "credential": bytes(256)}, 0, [(WRITE, 3), (WRITE, 2), (DEBIT, 5), (COMMIT, 0)]),
    ],
)
def test_what_differs_is_written_and_what_waits_is_committed_together(changed, quota, expected):
    assert codes(changes(replace(IMAGE, **changed), STANDING, quota)) == expected


def test_the_header_is_written_last_behind_the_commit():
    assert codes(write_all(IMAGE, 40, 40)) == [(WRITE, 3), (WRITE, 2), (WRITE, 4), (COMMIT, 0), (WRITE, 1)]
    assert codes(write_all(IMAGE, 0, 40))[3:5] == [(CREDIT, 5), (COMMIT, 0)]


def test_a_counter_moves_by_the_difference():
    ((credit,), (debit,)) = counted(3, 10), counted(10, 3)
    assert (credit.data, debit.data) == (b"\7\0\0\0", b"\7\0\0\0")
    assert list(counted(4, 4)) == []

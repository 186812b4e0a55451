from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import FileUnreadable
from sync.inflate import inflated

LINE = b'{"record_id":"S-1"}\n'


def unpacked(content: bytes, size: int = 100, **limits: int) -> bytes:
    return b"".join(inflated((content[at : at + size] for at in range(0, len(content), size)), **limits))


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=3), st.integers(1, 300))
def test_gzip_of_several_members_is_read_whole(parts: list[bytes], size: int) -> None:
    assert unpacked(b"".join(map(gzip.compress, parts)), size) == b"".join(parts)


def _refused(content: bytes, **limits: int) -> str:
    with pytest.raises(FileUnreadable) as refused:
        unpacked(content, **limits)
    return refused.value.code


def test_what_is_cut_off_or_no_gzip_or_too_large_is_refused() -> None:
    whole = gzip.compress(bytes(range(256)) * 50)
    assert _refused(b"") == "gzip.truncated"
    assert {_refused(whole[:length]) for length in range(20, len(whole), 17)} == {"gzip.truncated"}
    assert _refused(whole + b"\0\0") == "gzip.invalid"
    assert _refused(LINE) == "gzip.invalid"
    assert _refused(whole[:30] + b"\xff" * 30 + whole[60:]) == "gzip.invalid"
    assert _refused(whole, largest=12_799) == "gzip.too_large"
    assert len(unpacked(whole, largest=12_800)) == 12_800


def test_a_bomb_is_refused_before_it_takes_room() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    given_out: list[int] = []
    with pytest.raises(FileUnreadable) as refused:
        given_out.extend(len(block) for block in inflated([bomb[:1000], bomb[1000:]]))
    assert refused.value.code == "gzip.too_large"
    assert sum(given_out) <= len(bomb) * 200
    assert max(given_out) <= 256 * 1024


def test_a_file_of_nothing_but_members_is_refused() -> None:
    assert unpacked(gzip.compress(LINE) * 1001) == LINE * 1001
    assert _refused(gzip.compress(b"") * 1100) == "gzip.invalid"

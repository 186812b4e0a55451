"""Decompressing what a stranger sent: gzip (RFC 1952) block by block, within a size and a ratio."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from sync.errors import GzipInvalid, GzipTooLarge, GzipTruncated

LARGEST = 2 * 1024**3
"""Bytes a file may have once it is decompressed."""
STEEPEST = 200
"""Times that a file may grow; text of rows grows 5 to 30 times."""
_BLOCK = 256 * 1024
_SLACK = 1024 * 1024
"""Bytes below which the ratio is not looked at: a small file of like rows may be steep and harms nobody."""
_MEMBERS, _MEMBER = 1000, 1024
"""Members a file may have beside one for each kilobyte of it; tools that cut a file up make far larger ones."""
_GZIP = zlib.MAX_WBITS + 16


def inflated(blocks: Iterable[bytes], largest: int = LARGEST) -> Iterator[bytes]:
    """The content of a gzip file of one or more members, in blocks of 256 KiB at most.

    Raises:
        GzipInvalid, GzipTruncated, GzipTooLarge: at the block where it shows; what came before was good.
    """
    taken = given = members = 0
    member = zlib.decompressobj(_GZIP)
    begun = False
    for block in blocks:
        taken += len(block)
        while block:
            if member.eof:
                member, begun, members = zlib.decompressobj(_GZIP), False, members + 1
            if members > _MEMBERS + taken // _MEMBER:
                raise GzipInvalid(f"more than {members} members before byte {taken}")
            part = _part(member, block, taken)
            begun = True
            given += len(part)
            if given > min(largest, max(STEEPEST * taken, _SLACK)):
                raise GzipTooLarge(f"more than {given} bytes from {taken}")
            if part:
                yield part
            block = member.unused_data if member.eof else member.unconsumed_tail
    if not (begun and member.eof):
        raise GzipTruncated(f"after byte {taken}")


def _part(member: zlib._Decompress, block: bytes, taken: int) -> bytes:
    try:
        return member.decompress(block, _BLOCK)
    except zlib.error as error:
        raise GzipInvalid(f"before byte {taken}: {error}") from None

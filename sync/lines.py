"""A stream of bytes as lines of UTF-8 text, each with its number in the file."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from sync.errors import EncodingInvalid, LineTooLong

LONGEST = 64 * 1024
"""Bytes a line may have: a row of ours has some hundred."""

NumberedLine = tuple[int, bytes]


def read_lines(blocks: Iterable[bytes]) -> Iterator[NumberedLine]:
    """Every line with its number from 1, without its end; a byte order mark at the very beginning is left out.

    Raises:
        EncodingInvalid, LineTooLong: with the number of the line.
    """
    number = 0
    for number, line in enumerate(_split(blocks), 1):
        if len(line) > LONGEST:
            raise LineTooLong(f"more than {LONGEST} bytes", number)
        if not line.isascii():
            _refuse_other_encodings(number, line)
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield number, line.removesuffix(b"\r")


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if len(rest) > LONGEST:
            break
    if rest:
        yield rest


def _refuse_other_encodings(number: int, line: bytes) -> None:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise EncodingInvalid(f"byte {error.start + 1} is not UTF-8", number) from None

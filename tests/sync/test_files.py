"""Files of offices as rows of text: encodings, marks between cells, damage."""

import pytest

from sync.errors import CsvInvalid, EncodingInvalid, FileUnreadable
from sync.files import MOST_COLUMNS, MOST_ROWS, read_table

ROWS = [["Vārds", "Līdz"], [], ["Šķēle; Ērika", "31.05.2026."]]


def file(mark: str, encoding: str, end: str = "\r\n") -> bytes:
    return end.join([f"Vārds{mark}Līdz", "", f'"Šķēle; Ērika"{mark} 31.05.2026.{mark}', "", ""]).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1257", "utf-16"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_encoding_and_mark_are_found_out(encoding: str, mark: str) -> None:
    found = read_table(file(mark, encoding))
    assert (found.rows, found.encoding, found.delimiter) == (ROWS, encoding.removesuffix("-sig"), mark)


def test_what_is_said_goes_before_what_is_found() -> None:
    assert read_table("ä;b".encode("cp1257"), "cp1257", ",").rows == [["ä;b"]]
    with pytest.raises(EncodingInvalid):
        read_table(file(";", "cp1257"), "utf-8")


def test_a_title_above_the_list_hides_no_mark() -> None:
    assert read_table(b"List; May; Riga\na,b\n1,2\n3,4\n").delimiter == ","


def test_a_formula_that_is_only_a_text_is_that_text() -> None:
    assert read_table(b'="010190";b').rows == [["010190", "b"]]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        *((b"\x81\x00", EncodingInvalid), (b'a\n"b', CsvInvalid), (b";" * MOST_COLUMNS + b"x", FileUnreadable)),
        (b"x\n" * (MOST_ROWS + 1), FileUnreadable),
    ],
)
def test_what_is_no_list_is_refused_whole(content: bytes, error: type[FileUnreadable]) -> None:
    with pytest.raises(error):
        read_table(content)

"""Rows of text out of files of offices."""

from datetime import date, datetime
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from amis.kernel import sheet
from amis.kernel.errors import SheetUnreadable

ROWS = [["vārds", "grupa"], [], ["Ēriks", "I; II"]]


def xlsx(rows: list[list[object]]) -> bytes:
    book, file = Workbook(), BytesIO()
    assert book.active is not None
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            book.active.cell(at, column, value)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1257"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_as_offices_write_it(encoding: str, mark: str, end: str) -> None:
    text = end.join([f"vārds{mark} grupa {mark}", "", f'Ēriks{mark}"I; II"', "", ""])
    assert sheet.read(text.encode(encoding)) == ROWS


def test_xlsx_keeps_its_rows_where_they_are() -> None:
    assert sheet.read(xlsx([["vārds", " grupa ", None], [], ["Ēriks", "I; II"], [None, " "]])) == ROWS


def test_cells_of_xlsx_are_shown_as_a_csv_file_has_them() -> None:
    values = [65, 343.5, 0.1 + 0.2, True, False, date(2026, 3, 1), datetime(2026, 3, 1, 8, 30), ">=65"]  # noqa: DTZ001
    shown = ["65", "343.5", "0.3", "yes", "no", "2026-03-01", "2026-03-01T08:30:00", ">=65"]
    assert sheet.read(xlsx([[*values]])) == [shown]


def test_a_comma_within_quotes_separates_nothing() -> None:
    assert sheet.read(b'"a,b,c";d\n1;2\n') == [["a,b,c", "d"], ["1", "2"]]


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Excel",
        b"PK\x03\x04 but no archive",
        b"a;b\x00",
        b'a;"b',
        b'a;"b"c\n',
        b"\xff\xfe\x00",
        b"\x81\x83",
    ],
)
def test_what_is_no_sheet_is_refused(content: bytes) -> None:
    with pytest.raises(SheetUnreadable):
        sheet.read(content)


def test_an_archive_of_something_else_is_refused() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as packed:
        packed.writestr("readme.txt", "no workbook")
    with pytest.raises(SheetUnreadable):
        sheet.read(file.getvalue())


def test_a_file_that_grows_when_unpacked_is_refused_before_it_is() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b" " * (sheet.MOST_BYTES + 1))
    with pytest.raises(SheetUnreadable, match="too large"):
        sheet.read(file.getvalue())


@pytest.mark.parametrize("content", [b"a\n" * 4, b";" * sheet.MOST_COLUMNS + b"a\n"])
def test_more_rows_or_columns_than_fit_are_refused(content: bytes) -> None:
    with pytest.raises(SheetUnreadable, match="more than"):
        sheet.read(content, 3)
    assert len(sheet.read(content[: content.rfind(b"a")], 3)) <= 3


def test_a_row_at_the_end_of_an_endless_sheet_is_not_waited_for() -> None:
    book, file = Workbook(), BytesIO()
    assert book.active is not None
    book.active.cell(1_048_576, 1, "far")
    book.save(file)
    with pytest.raises(SheetUnreadable, match="more than"):
        sheet.read(file.getvalue(), 500)


def test_empty_cells_without_end_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_CELLS", 40_000)
    book, file = Workbook(), BytesIO()
    assert book.active is not None
    for row in range(1, 4):
        book.active.cell(row, 1, "a")
        book.active.cell(row, 16_384).number_format = "0.00"
    book.save(file)
    with pytest.raises(SheetUnreadable, match="cells"):
        sheet.read(file.getvalue())


@pytest.mark.parametrize("packing", [ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
def test_a_file_whose_packing_is_damaged_is_refused(packing: int) -> None:
    file = BytesIO()
    with ZipFile(file, "w", packing) as packed:
        packed.writestr("[Content_Types].xml", bytes(range(256)) * 20)
        # past the local header (PKWARE APPNOTE section 4.3.7) and what each packing begins with
        start = 30 + len("[Content_Types].xml") + 20
    damaged = bytearray(file.getvalue())
    damaged[start : start + 60] = b"\xff" * 60
    with pytest.raises(SheetUnreadable):
        sheet.read(bytes(damaged))


WHOLE = xlsx([["age", "fact:needy"], [">=65", "yes"]])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused(at: int, damage: bytes) -> None:
    try:
        rows = sheet.read(WHOLE[:at] + damage + WHOLE[at + len(damage) :])
    except SheetUnreadable:
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        rows = sheet.read(content)
    except SheetUnreadable:
        return
    assert not rows or rows[-1]


def test_cells_are_called_as_spreadsheets_call_them() -> None:
    assert [sheet.address(6, column) for column in range(800)] == [f"{get_column_letter(n)}7" for n in range(1, 801)]

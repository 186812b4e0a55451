"""Lists as offices send them."""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from amis.register.errors import ListTooLong, ListUnreadable
from amis.register.sheet import MOST_ROWS, Line, read

TEXT = "Personas kods;Vārds;No;Līdz\r\n010190-12345;Šķēle;01.03.2026.;31.05.2026.\r\n\r\n32345678901;Ķirsis;;\r\n"
ROWS = [Line(2, "010190-12345", "01.03.2026.", "31.05.2026."), Line(4, "32345678901", "", "")]


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1257", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_separated_values_of_any_common_kind_are_read(encoding: str, separator: str) -> None:
    assert read(TEXT.replace(";", separator).encode(encoding)) == ROWS


def test_headings_are_known_in_both_languages_and_columns_in_any_order() -> None:
    assert read(b"until,personal code,from\n2026-05-31,32345678901,2026-03-01\n") == [
        Line(2, "32345678901", "2026-03-01", "2026-05-31")
    ]
    assert read("spēkā no;PERSONAS KODS\n01.03.2026.;32345678901\n".encode()) == [
        Line(2, "32345678901", "01.03.2026.", "")
    ]


def test_without_headings_the_columns_are_code_first_day_and_last_day() -> None:
    assert read(b"32345678901;2026-03-01;2026-05-31\n32345678902\n") == [
        Line(1, "32345678901", "2026-03-01", "2026-05-31"),
        Line(2, "32345678902", "", ""),
    ]


def test_a_workbook_is_read_with_its_days_and_the_zero_it_ate() -> None:
    rows = [
        ["Personas kods", "No", "Līdz"],
        [
            1019012345,
            datetime(2026, 3, 1),  # noqa: DTZ001  # as a sheet holds it
            date(2026, 5, 31),
        ],
        [None, None, None],
        [1010012345.0, "01.03.2026.", None],
        ["010190-12345", None, None],
    ]
    assert read(workbook(rows)) == [
        Line(2, "01019012345", "2026-03-01", "2026-05-31"),
        Line(4, "01010012345", "01.03.2026.", ""),
        Line(5, "010190-12345", "", ""),
    ]


def test_a_code_that_lost_its_zero_in_text_gets_it_back_and_a_short_number_does_not() -> None:
    assert [line.code for line in read(b"kods;no\n1019012345\n1234567\n1,019E+10\n")] == [
        "01019012345",
        "1234567",
        "1,019E+10",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"name;town\nAnna;Jelgava\n", b"PK\x03\x04broken", b"code\n\x00\x01\n", b"\xff\xfe\x00"],
)
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(ListUnreadable):
        read(content)


def test_a_list_with_too_many_rows_is_refused() -> None:
    with pytest.raises(ListTooLong):
        read(b"kods\n" + b"32345678901\n" * (MOST_ROWS + 1))

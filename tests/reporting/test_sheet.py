"""The file for spreadsheets."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.reporting.scope import Scope
from amis.reporting.sheet import HEAD, file_name, sheet
from amis.reporting.store import Line


def line(name: str = "Jelgavas autobuss") -> Line:
    gross, payable = Decimal("1234567.1250"), Decimal("0.0001")
    names = ("JLG", "JLG-NEEDY20", name, "Needy", "JLG")
    return Line(date(2026, 5, 1), "JLG-BUS", name, UUID(int=1), *names, 3, gross, payable, gross - payable)


def test_amounts_are_exact_and_lines_end_as_the_standard_says() -> None:
    first, second, end = sheet([line()]).decode("utf-8-sig").split("\r\n")
    assert first == ",".join(HEAD)
    assert second.startswith("2026-05,JLG-BUS,Jelgavas autobuss,JLG,JLG-NEEDY20,")
    assert second.endswith(",JLG,3,1234567.1250,0.0001,1234567.1249")
    assert end == ""


def test_it_begins_with_a_byte_order_mark() -> None:
    assert sheet([]).startswith(b"\xef\xbb\xbfmonth,")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_any_name_survives_the_file_and_is_no_formula(name: str) -> None:
    rows = list(csv.reader(StringIO(sheet([line(name)]).decode("utf-8-sig"), newline=""), strict=True))
    assert len(rows) == 2
    written = rows[1][2]
    assert written in (name, f"'{name}")
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_formula_becomes_a_text(name: str) -> None:
    rows = list(csv.reader(StringIO(sheet([line(name)]).decode("utf-8-sig"), newline="")))
    assert rows[1][2] == f"'{name}"


def test_the_name_of_the_file_tells_the_months() -> None:
    assert file_name(Scope(date(2025, 6, 1), date(2026, 5, 1))) == "uses-2025-06-2026-05.csv"

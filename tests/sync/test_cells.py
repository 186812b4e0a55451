"""Cells as they are written and as an event states them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cells import day, looks_like_code, operation, personal_code

DAYS = st.dates(date(1900, 3, 1), date(2200, 1, 1))


@given(DAYS)
def test_a_day_is_read_however_it_is_written(on: date) -> None:
    serial = (on - date(1899, 12, 30)).days
    written = [on.isoformat(), f"{on:%d.%m.%Y}", f"{on.day}.{on.month}.{on.year}.", str(serial), f"{on} 00:00:00"]
    assert {day(text) for text in written} == {on.isoformat()}


@pytest.mark.parametrize("cell", ["", "31.02.2026", "2026-02-30", "5/6/2026", "marts", "60", "01.03.26", "9999999"])
def test_what_is_no_day_stays_as_it_is(cell: str) -> None:
    assert day(cell) == cell


def test_a_day_written_otherwise_than_was_said_is_none() -> None:
    assert day("2026-03-01", "dotted") == "?2026-03-01"
    assert day("01.03.2026", "iso") == "01.03.2026"
    assert day("46082", "serial") == "2026-03-01"


@given(st.from_regex(r"[0-9]{11}", fullmatch=True))
def test_a_zero_that_was_eaten_is_put_back(digits: str) -> None:
    eaten = str(int(digits))
    if digits[0] == "0" and digits[1] != "0":
        assert personal_code(eaten) == (digits, True)
        assert personal_code(f"{eaten}.0") == (digits, True)
    assert personal_code(digits) == (digits, False)
    assert looks_like_code(digits)


def test_what_is_no_code_stays_as_it_is() -> None:
    assert personal_code("P-17") == ("P-17", False)
    assert personal_code("010190 - 11119") == ("01019011119", False)
    assert not looks_like_code("31.05.2026")


def test_operations_are_said_in_words() -> None:
    assert [operation(cell) for cell in ("", "Atsaukts", "withdraw", "Piešķirts", "upsert", "??")] == [
        *("upsert", "withdraw", "withdraw", "upsert", "upsert", "??")
    ]

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import FileUnreadable
from sync.lines import LONGEST
from sync.notice import DecisionRef, Op, PersonRef, StatusFact
from sync.rows import RawRow, read_row, record_of, split_rows, to_line
from sync.rows_csv import COLUMNS
from sync.verdict import RowCode, RowError

DATA: dict[str, Any] = {
    "record_id": "S-1",
    "version": 3,
    "op": "upsert",
    "person": {"code": "161175-19997", "given_name": "Anna", "family_name": "Bērziņa", "birth_date": "1975-11-16"},
    "status": "TRUCIGA",
    "valid_from": "2026-03-01",
    "valid_to": "2026-05-31",
    "decision": {"number": "2026/17", "date": "2026-02-27", "authority": "Sociālo lietu pārvalde"},
    "household": "M-1",
}
FACT = StatusFact(
    "S-1",
    3,
    Op.UPSERT,
    PersonRef("16117519997", "Anna", "Bērziņa", date(1975, 11, 16)),
    "TRUCIGA",
    date(2026, 3, 1),
    date(2026, 6, 1),
    DecisionRef("2026/17", date(2026, 2, 27), "Sociālo lietu pārvalde"),
    "M-1",
)
HEADING = ";".join(COLUMNS)
LINE = (
    'S-1;3;upsert;161175-19997;TRUCIGA;2026-03-01;2026-05-31;Anna;Bērziņa;1975-11-16;2026/17;2026-02-27;"Sociālo lietu'
    ' pārvalde";M-1'
)


def rows(content: str | bytes, fmt: str = "ndjson", size: int = 7) -> list[RawRow]:
    whole = content.encode() if isinstance(content, str) else content
    return list(split_rows((whole[at : at + size] for at in range(0, len(whole), size)), fmt))


def told(content: str | bytes, fmt: str = "ndjson") -> list[StatusFact | RowError]:
    return [read_row(row) for row in rows(content, fmt)]


def test_a_row_says_the_same_in_both_formats() -> None:
    assert told(to_line(DATA)) == [FACT]
    assert told(f"{HEADING}\r\n{LINE}\r\n", "csv") == [FACT]
    assert told(f"\ufeff{HEADING.replace(';', ',')}\n{LINE.replace(';', ',')}", "csv") == [FACT]


def test_a_row_of_csv_is_kept_as_the_object_that_it_stands_for() -> None:
    (row,) = rows(f"{HEADING}\n{LINE}\n", "csv")
    assert json.loads(row.raw) == DATA


def test_columns_come_in_any_order_and_optional_ones_may_be_left_out() -> None:
    heading = "valid_to,version,code,record_id,status,op,valid_from"
    (fact,) = told(f"{heading}\n,2,32345678901,S-9,REPR,withdraw,2026-01-01\n", "csv")
    assert fact == StatusFact("S-9", 2, Op.WITHDRAW, PersonRef("32345678901"), "REPR", date(2026, 1, 1), None)


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        (HEADING + ";income", "line 1: 1 unknown columns; missing: -"),
        (HEADING.replace("status;", ""), "line 1: 0 unknown columns; missing: status"),
        (HEADING + ";status", "line 1: 0 unknown columns; missing: -"),
        (LINE, "line 1: 14 unknown columns; missing: record_id, version, op, code, status, valid_from, valid_to"),
        ("", "line 1: 1 unknown columns; missing: record_id, version, op, code, status, valid_from, valid_to"),
    ],
)
def test_a_heading_that_is_not_as_agreed_refuses_the_file_and_repeats_nothing(heading: str, says: str) -> None:
    with pytest.raises(FileUnreadable) as refused:
        rows(f"{heading}\n{LINE}\n", "csv")
    assert (refused.value.code, str(refused.value)) == ("columns.mismatch", says)


@pytest.mark.parametrize(
    ("content", "fmt", "code", "line"),
    [
        (to_line(DATA) * 2 + "Bērziņa\n".encode("cp1257"), "ndjson", "encoding.invalid", 3),
        (f"{HEADING}\n{LINE}\n".encode("cp1257"), "csv", "encoding.invalid", 2),
        (to_line(DATA) + b"x" * (LONGEST + 1), "ndjson", "line.too_long", 2),
        (f'{HEADING}\n{LINE}\n"S-2"x;\n{LINE}\n'.encode(), "csv", "csv.invalid", 3),
        (f'{HEADING}\n{LINE}\n"S-2;\n{LINE}'.encode(), "csv", "csv.invalid", 4),
        (f'{HEADING}\n{LINE}\n"S-2;\n'.encode() + b'";"\n' * LONGEST, "csv", "line.too_long", 21_847),
    ],
)
def test_an_unreadable_file_is_refused_with_its_line(content: bytes, fmt: str, code: str, line: int) -> None:
    with pytest.raises(FileUnreadable, match=f"^line {line}: ") as refused:
        rows(content, fmt)
    assert refused.value.code == code


def test_a_bad_row_stops_no_good_one() -> None:
    bad = {
        "record_id": (..., RowCode.RECORD_ID_MISSING, "/data/record_id"),
        "version": (0, RowCode.VERSION_INVALID, "/data/version"),
        "op": ("delete", RowCode.OP_UNKNOWN, "/data/op"),
        "status": (None, RowCode.STATUS_UNKNOWN, "/data/status"),
        "valid_from": ("01.03.2026", RowCode.VALID_FROM_INVALID, "/data/valid_from"),
        "valid_to": ("2026-02-28", RowCode.VALID_REVERSED, "/data/valid_to"),
        "income": (312, RowCode.SCHEMA_UNSUPPORTED, "/data/income"),
    }
    changed = [DATA | {name: value} for name, (value, *_) in bad.items()]
    lines = [to_line({name: value for name, value in data.items() if value is not ...}) for data in changed]
    found = told(b"".join([*lines, b"[" * 500, b"\n{}{}\n\n \nnull\n", to_line(DATA)]))
    wrong = [RowError(code, pointer) for _, code, pointer in bad.values()]
    assert found == [*wrong, *[RowError(RowCode.SCHEMA_UNSUPPORTED, "")] * 2, found[-2], FACT]
    assert found[-2] == RowError(RowCode.SCHEMA_UNSUPPORTED, "/data")


def test_zeros_that_a_spreadsheet_has_eaten_are_told_and_not_guessed() -> None:
    eaten = LINE.replace("161175-19997", "6117519997")
    assert told(f"{HEADING}\n{eaten}\n", "csv") == [RowError(RowCode.PERSON_CODE_INVALID, "/data/person/code")]


def test_a_row_with_other_cells_than_columns_is_kept_as_it_stands() -> None:
    (row, good) = rows(f"{HEADING}\n{LINE};more\n{LINE}\n", "csv")
    assert (row.number, row.raw, row.error) == (1, f"{LINE};more".encode(), RowError(RowCode.COLUMNS_MISMATCH, ""))
    assert (good.number, read_row(good)) == (2, FACT)


def test_a_row_names_its_record_even_where_the_rest_is_bad() -> None:
    lines = (b'{"record_id":"S-\\u0101","x":1}', b'{"record_id":7}', b"null", b'{"record_id":"\\u0000"}', b"}")
    assert [record_of(row) for row in rows(b"\n".join(lines))] == ["S-ā", None, None, None, None]


@given(st.lists(st.text('aāļ"; ,\r', max_size=20), min_size=1, max_size=5), st.integers(1, 9))
def test_whatever_is_split_into_blocks_is_split_into_the_same_rows(texts: list[str], size: int) -> None:
    lines = [to_line({"record_id": text}) for text in texts]
    assert [row.raw + b"\n" for row in rows(b"".join(lines), size=size)] == lines

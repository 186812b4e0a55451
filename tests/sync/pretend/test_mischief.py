"""What mischief says must come back is what the library itself says of it, where no receiver is needed to tell."""

from __future__ import annotations

from itertools import chain

import pytest

from sync import signature
from sync.errors import MediaTypeUnsupported, SyncError, TooManyEvents, UnreadableJson
from sync.message import read_message
from sync.pretend.exchange import Answer, Exchange, Message, Upload
from sync.pretend.file_mischief import FILE_TROUBLE
from sync.pretend.mischief import EVENT_TROUBLE
from sync.refused_rows import rows_of
from sync.rows import read_row
from sync.verdict import RowError
from tests.sync.pretend.played import AT, player

REFUSED = {401: signature.SignatureMismatch, 400: UnreadableJson, 413: TooManyEvents, 415: MediaTypeUnsupported}
NOT_OF_THE_ROW = {"version.conflict", "person_code.unknown", "source.not_authoritative", "status.unknown"}
"""Codes that only a receiver with a register can find."""


def made(name: str) -> list[Exchange]:
    office, _ = player()
    trouble = {**EVENT_TROUBLE, **FILE_TROUBLE}[name]
    return list(trouble(office.desk, AT))


@pytest.mark.parametrize("name", EVENT_TROUBLE)
def test_a_message_is_refused_as_a_whole_or_event_by_event_as_foretold(name: str) -> None:
    exchanges = made(name)
    assert {exchange.mischief for exchange in exchanges} - {""} == {name}
    for exchange in exchanges:
        assert isinstance(exchange.what, Message)
        if exchange.must.status == 401:
            assert exchange.what.age > signature.TOLERANCE or exchange.what.keys == "forged"
        elif exchange.must.status != 200:
            with pytest.raises(REFUSED[exchange.must.status]):
                read_message(exchange.what.headers, exchange.what.body)
        else:
            read = read_message(exchange.what.headers, exchange.what.body)
            codes = [event.code.value if isinstance(event, RowError) else "" for event in read]
            foretold = [code if code not in NOT_OF_THE_ROW else "" for _, code in exchange.must.lines]
            assert codes == foretold


@pytest.mark.parametrize("name", FILE_TROUBLE)
def test_a_file_is_refused_as_a_whole_or_row_by_row_as_foretold(name: str) -> None:
    exchanges = made(name)
    assert {exchange.mischief for exchange in exchanges} - {""} == {name}
    for exchange in exchanges:
        if isinstance(exchange.what, Upload):
            assert faults(exchange.what) == foretold(exchange.must)


def faults(upload: Upload) -> list[tuple[int, str]] | str:
    try:
        read = [(row.number, read_row(row)) for row in rows_of(upload.file)]
    except SyncError as error:
        return error.code
    return [(number, row.code.value) for number, row in read if isinstance(row, RowError)]


def foretold(must: Answer) -> list[tuple[int, str]] | str:
    if must.state == "refused":
        return must.problem
    return [(row, code) for row, code in must.codes if code not in NOT_OF_THE_ROW]


def test_every_code_that_a_row_can_be_refused_with_is_tried() -> None:
    lines = chain.from_iterable(exchange.must.lines for name in ("bad rows", "conflicts") for exchange in made(name))
    columns = {exchange.must.problem for exchange in made("unknown column")}
    assert {code for _, code in lines} - {""} | columns == {
        "record_id.missing",
        "version.invalid",
        "version.conflict",
        "person_code.invalid",
        "person_code.unknown",
        "status.unknown",
        "valid_from.invalid",
        "valid_to.invalid",
        "valid.reversed",
        "op.unknown",
        "source.not_authoritative",
        "schema.unsupported",
        "encoding.invalid",
        "columns.mismatch",
    }

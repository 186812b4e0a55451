from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.errors import RecordDamaged, Unencodable
from cards.profile.event import LogRecord
from cards.profile.fields import sealed

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
EVENTS = st.builds(
    LogRecord,
    U32.map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.binary(min_size=8, max_size=8),
    U16,
    st.integers(-100_000, 100_000),
    st.integers(0, 100_000),
    U32,
    st.integers(0, 255),
)
EVENT = LogRecord(datetime(2026, 9, 1, 8, 30, tzinfo=UTC), b"terminal", 301, -1, 39, 77)
BODY = EVENT.encode()[:-4]


def test_an_event_has_the_bytes_of_the_profile():
    assert BODY.hex(" ") == "08 8d 96 6a 74 65 72 6d 69 6e 61 6c 2d 01 ff ff ff ff 27 00 00 00 4d 00 00 00 00 00"


@given(EVENTS)
def test_an_event_is_read_as_written(event):
    assert len(event.encode()) == 32
    assert LogRecord.decode(event.encode()) == event


@pytest.mark.parametrize(
    "changed",
    [
        {"terminal": b"short"},
        {"delta": 100_001},
        {"delta": -100_001},
        {"quota_after": 100_001},
        {"seq": -1},
        {"result": 256},
        {"concession": -1},
        {"at": datetime(1969, 12, 31, tzinfo=UTC)},
    ],
)
def test_what_does_not_fit_is_not_written(changed):
    with pytest.raises(Unencodable):
        replace(EVENT, **changed).encode()


@pytest.mark.parametrize(
    "record",
    [
        bytes(32),
        sealed(BODY[:27] + b"\1"),
        sealed(BODY[:14] + b"\xa1\x86\x01\x00" + BODY[18:]),
        sealed(BODY[:18] + b"\xa1\x86\x01\x00" + BODY[22:]),
    ],
)
def test_what_is_no_event_is_not_read(record):
    with pytest.raises(RecordDamaged):
        LogRecord.decode(record)


def test_one_tap_is_known_by_terminal_and_sequence():
    assert EVENT.same_tap(replace(EVENT, delta=0, quota_after=1))
    assert not EVENT.same_tap(replace(EVENT, seq=78))
    assert not EVENT.same_tap(replace(EVENT, terminal=b"elsewher"))

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.errors import RecordDamaged, Unencodable
from cards.profile.fields import day_number, day_of, opened, sealed, sized, within


@given(st.dates(min_value=date(1970, 1, 1)))
def test_a_day_comes_back_from_its_number(day):
    assert day_of(day_number(day)) == day


def test_days_outside_the_calendar_are_refused():
    with pytest.raises(Unencodable):
        day_number(date(1969, 12, 31))
    last = day_number(date.max)
    assert day_of(last) == date.max
    with pytest.raises(RecordDamaged):
        day_of(last + 1)


def test_the_checksum_is_the_crc_32_of_iso_3309():
    assert sealed(b"123456789") == b"123456789" + bytes.fromhex("2639f4cb")


@given(st.binary(max_size=40), st.integers(0, 7), st.data())
def test_every_changed_bit_of_a_sealed_record_is_noticed(body, bit, data):
    record = bytearray(sealed(body))
    assert opened("test", bytes(record), len(record)) == body
    at = data.draw(st.integers(0, len(record) - 1))
    record[at] ^= 1 << bit
    with pytest.raises(RecordDamaged):
        opened("test", bytes(record), len(record))


def test_a_record_of_another_size_is_refused():
    for size in (11, 13):
        with pytest.raises(RecordDamaged):
            opened("test", sealed(bytes(8)), size)


def test_values_and_sizes_have_limits():
    assert [within("x", value, 3) for value in (0, 3)] == [0, 3]
    for value in (-1, 4):
        with pytest.raises(Unencodable, match="x"):
            within("x", value, 3)
    assert sized("x", b"12", 2) == b"12"
    for value in (b"1", b"123"):
        with pytest.raises(Unencodable, match="x"):
            sized("x", value, 2)

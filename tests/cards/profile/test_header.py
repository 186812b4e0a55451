from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.errors import RecordDamaged, Unencodable
from cards.number import ALPHABET, new_number
from cards.profile.fields import sealed
from cards.profile.header import Header

U32 = st.integers(0, 0xFFFFFFFF)
PERIODS = st.lists(st.dates(min_value=date(1970, 1, 1)), min_size=2, max_size=2, unique=True).map(sorted)
HEADERS = st.builds(
    lambda period, **fields: Header(valid_from=period[0], valid_to=period[1], **fields),
    PERIODS,
    keyset=st.integers(0, 255),
    issuer=U32,
    number=st.text(ALPHABET, min_size=12, max_size=12),
    generation=U32,
)
HEADER = Header(1, 11, "7K3M9QX2BC4D", date(2026, 9, 1), date(2029, 9, 1), 1)
BODY = HEADER.encode()[:-4]


def test_the_header_has_the_bytes_of_the_profile():
    assert BODY.hex(" ") == "41 4d 01 01 0b 00 00 00 8d b0 25 fa 4d 74 cc 03 d9 50 00 00 21 55 00 00 01 00 00 00"


@given(HEADERS)
def test_a_header_is_read_as_it_was_written(header):
    assert len(header.encode()) == 32
    assert Header.decode(header.encode()) == header


def test_a_header_knows_its_number():
    number = new_number()
    header = replace(HEADER, number=number[:12])
    assert Header.decode(header.encode()).names(number)
    assert not header.names(new_number())


@pytest.mark.parametrize(
    "changed",
    [
        {"keyset": 256},
        {"issuer": 1 << 32},
        {"issuer": -1},
        {"generation": 1 << 32},
        {"number": "7K3M9QX2BC4"},
        {"number": "7K3M9QX2BC4D5E6F"},
        {"number": "7K3M9QX2BC4U"},
        {"valid_to": HEADER.valid_from},
        {"valid_from": date(1969, 12, 31)},
    ],
)
def test_what_does_not_fit_is_not_written(changed):
    with pytest.raises(Unencodable):
        replace(HEADER, **changed).encode()


@pytest.mark.parametrize(
    "record",
    [
        bytes(32),
        sealed(b"XX" + BODY[2:]),
        sealed(b"AM\2" + BODY[3:]),
        sealed(BODY[:8] + b"\xff" * 8 + BODY[16:]),
        sealed(BODY[:20] + BODY[16:20] + bytes(4)),
        sealed(BODY[:20] + b"\xff" * 4 + bytes(4)),
    ],
)
def test_what_is_no_header_is_not_read(record):
    with pytest.raises(RecordDamaged):
        Header.decode(record)

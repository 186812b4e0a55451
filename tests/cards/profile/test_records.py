from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.errors import CardsError, RecordDamaged, Unencodable
from cards.profile.event import LogRecord
from cards.profile.fields import sealed
from cards.profile.header import Header
from cards.profile.records import EntitlementRecord, HolderFile, decode_entitlements, encode_entitlements

U16 = st.integers(0, 0xFFFF)
PERIODS = st.lists(st.dates(min_value=date(1970, 1, 1)), min_size=2, max_size=2, unique=True).map(sorted)
HOLDERS = st.builds(
    HolderFile, st.binary(min_size=16, max_size=16), U16, st.booleans(), st.binary(min_size=32, max_size=32)
)
ENTITLEMENTS = st.builds(
    lambda period, **fields: EntitlementRecord(valid_from=period[0], valid_to=period[1], **fields),
    PERIODS,
    concession=U16,
    operators=U16,
    discount=st.integers(0, 100),
    area=U16,
    flags=st.integers(0, 7),
)
HOLDER = HolderFile(bytes(16), 1950, False, bytes(32))
ENTITLEMENT = EntitlementRecord(301, 0, 50, 0, date(2026, 9, 1), date(2027, 9, 1))


def test_an_entitlement_has_the_bytes_of_the_profile():
    record = replace(ENTITLEMENT, operators=7, area=3, flags=1)
    assert record.encode().hex(" ") == "2d 01 07 00 32 01 03 00 d9 50 00 00 46 52 00 00"


def test_a_holder_has_the_bytes_of_the_profile():
    record = HolderFile(bytes(range(16)), 1951, True, bytes(range(32)))
    body = bytes(range(16)) + b"\x9f\x07\x01" + bytes(range(32)) + bytes(9)
    assert record.encode() == sealed(body)


@given(HOLDERS)
def test_a_holder_is_read_as_written(holder):
    assert len(holder.encode()) == 64
    assert HolderFile.decode(holder.encode()) == holder


@given(st.lists(ENTITLEMENTS, max_size=6).map(tuple))
def test_entitlements_are_read_as_written(records):
    content = encode_entitlements(records)
    assert len(content) == 96
    assert decode_entitlements(content) == records


@pytest.mark.parametrize(
    "record",
    [
        replace(HOLDER, pseudonym=bytes(15)),
        replace(HOLDER, photo=bytes(31)),
        replace(HOLDER, birth_year=65_536),
        replace(ENTITLEMENT, discount=101),
        replace(ENTITLEMENT, flags=8),
        replace(ENTITLEMENT, concession=65_536),
        replace(ENTITLEMENT, operators=-1),
        replace(ENTITLEMENT, area=65_536),
        replace(ENTITLEMENT, valid_to=ENTITLEMENT.valid_from),
    ],
)
def test_what_does_not_fit_is_not_written(record):
    with pytest.raises(Unencodable):
        record.encode()


def test_a_seventh_entitlement_is_refused():
    with pytest.raises(Unencodable):
        encode_entitlements((ENTITLEMENT,) * 7)


@pytest.mark.parametrize(
    ("decode", "record"),
    [
        (HolderFile.decode, bytes(64)),
        (HolderFile.decode, sealed(bytes(18) + b"\2" + bytes(41))),
        (HolderFile.decode, sealed(bytes(59) + b"\1")),
        (EntitlementRecord.decode, bytes(16)),
        (EntitlementRecord.decode, ENTITLEMENT.encode()[:-1]),
        (EntitlementRecord.decode, ENTITLEMENT.encode()[:4] + b"\x65" + ENTITLEMENT.encode()[5:]),
        (EntitlementRecord.decode, ENTITLEMENT.encode()[:5] + b"\x08" + ENTITLEMENT.encode()[6:]),
        (decode_entitlements, bytes(95)),
        (decode_entitlements, bytes(16) + ENTITLEMENT.encode() + bytes(64)),
    ],
)
def test_what_is_not_of_the_profile_is_not_read(decode, record):
    with pytest.raises(RecordDamaged):
        decode(record)


@given(st.binary(max_size=100))
def test_no_bytes_surprise_a_decoder(data):
    for decode in (Header.decode, HolderFile.decode, EntitlementRecord.decode, LogRecord.decode, decode_entitlements):
        for record in (data, sealed(data)):
            try:
                found = decode(record)
            except CardsError:
                continue
            again = encode_entitlements(found) if isinstance(found, tuple) else found.encode()
            assert again == record

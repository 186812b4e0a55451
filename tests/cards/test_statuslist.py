import random
import zlib
from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from cwt import COSE, COSEKey
from hypothesis import given
from hypothesis import strategies as st

from cards import cbor, cose
from cards.errors import BadSignature, Expired, Malformed, NotYetValid, Unencodable, UnknownKey
from cards.statuslist import (
    INVALID,
    RIGHTS_CHANGED,
    SIZE,
    SUSPENDED,
    VALID,
    StatusList,
    inflate,
    open_status_list,
    read_status_list,
    sign_status_list,
)
from cards.trust import STATUS_LIST_TYPE, STATUS_LISTS, Trust
from tests.cards.conftest import AT, new_issuer

URI = "https://amis.example.lv/status/3"
NOW = int(AT.timestamp())


@pytest.fixture(scope="module")
def keeper():
    return new_issuer()


@pytest.fixture(scope="module")
def keepers(keeper) -> Trust:
    return Trust([keeper.entry(role=STATUS_LISTS)])


def test_the_two_bit_example_of_the_standard_holds():
    statuses = StatusList(12)
    for index, status in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]):
        statuses.set(index, status)
    assert statuses.packed() == bytes.fromhex("c944f9")
    assert inflate(bytes.fromhex("78da3be9f2130003df0207"), 3) == statuses.packed()


@given(st.dictionaries(st.integers(0, SIZE - 1), st.integers(0, 3), max_size=50))
def test_a_list_keeps_what_was_set_and_nothing_else(changes):
    statuses = StatusList()
    for index, status in changes.items():
        statuses.set(index, status)
    again = StatusList(SIZE, inflate(statuses.compressed(), SIZE // 4))
    assert again == statuses
    assert all(again.get(index) == status for index, status in changes.items())
    assert sum(again.get(index) != VALID for index in changes) == sum(map(bool, changes.values()))
    assert sum(byte != 0 for byte in again.packed()) <= len(changes)


def test_a_status_can_be_changed_back():
    statuses = StatusList(8)
    for status in (INVALID, RIGHTS_CHANGED, SUSPENDED, VALID):
        statuses.set(5, status)
        assert [statuses.get(index) for index in range(8)] == [0, 0, 0, 0, 0, status, 0, 0]


def test_places_and_values_outside_the_list_are_refused():
    statuses = StatusList(8)
    for index in (-1, 8, SIZE):
        with pytest.raises(IndexError):
            statuses.get(index)
        with pytest.raises(IndexError):
            statuses.set(index, 0)
    for status in (-1, 4):
        with pytest.raises(Unencodable):
            statuses.set(0, status)
    for size, packed in ((0, None), (5, None), (-4, None), (8, bytes(3))):
        with pytest.raises(Unencodable):
            StatusList(size, packed)


def test_a_signed_list_is_read_back(keeper, keepers):
    statuses = StatusList()
    statuses.set(77_000, SUSPENDED)
    data = sign_status_list(statuses, keeper, uri=URI, at=AT, ttl=300, aggregation_uri="https://amis.example.lv/status")
    token = read_status_list(data, URI, keepers, AT)
    assert token.statuses == statuses
    assert (token.uri, token.iat, token.exp, token.ttl) == (URI, NOW, NOW + 48 * 3600, 300)
    assert token.aggregation_uri == "https://amis.example.lv/status"


def test_another_library_reads_the_token_with_the_names_of_the_standard(keeper):
    statuses = StatusList()
    statuses.set(1, INVALID)
    data = sign_status_list(statuses, replace(keeper, algorithm=cose.ES256), uri=URI, at=AT)
    key = COSEKey.new({1: 2, 2: keeper.kid, 3: cose.ES256, -1: 1, -2: keeper.der[-64:-32], -3: keeper.der[-32:]})
    payload = COSE.new().decode(data, key)
    claims = cbor2.loads(payload) if isinstance(payload, bytes) else payload
    assert (claims[2], claims[6], claims[4], claims[65534]) == (URI, NOW, NOW + 48 * 3600, 300)
    assert claims[65533]["bits"] == 2
    assert zlib.decompress(claims[65533]["lst"]) == statuses.packed()
    assert cbor2.loads(cbor2.loads(data).value[0])[16] == "application/statuslist+cwt"


def test_a_list_counts_for_two_days(keeper, keepers):
    data = sign_status_list(StatusList(8), keeper, uri=URI, at=AT)
    assert read_status_list(data, URI, keepers, AT + timedelta(hours=48)).iat == NOW
    with pytest.raises(Expired):
        read_status_list(data, URI, keepers, AT + timedelta(hours=49))
    with pytest.raises(NotYetValid):
        read_status_list(data, URI, keepers, AT - timedelta(minutes=3))


def test_a_list_of_another_address_key_or_role_is_refused(keeper, keepers):
    data = sign_status_list(StatusList(8), keeper, uri=URI, at=AT)
    with pytest.raises(Malformed):
        read_status_list(data, URI + "0", keepers, AT)
    with pytest.raises(UnknownKey):
        read_status_list(sign_status_list(StatusList(8), new_issuer(), uri=URI, at=AT), URI, keepers, AT)
    with pytest.raises(UnknownKey):
        read_status_list(data, URI, Trust([keeper.entry()]), AT)


def test_every_flipped_bit_is_refused(keeper, keepers):
    data = sign_status_list(StatusList(8), keeper, uri=URI, at=AT)
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Malformed, UnknownKey, BadSignature)):
            read_status_list(bytes(changed), URI, keepers, AT)


def test_a_bomb_is_not_inflated(keeper, keepers):
    bomb = zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(Malformed):
        inflate(bomb, SIZE // 4)
    content = {2: URI, 4: NOW + 60, 6: NOW, 65533: {"bits": 2, "lst": bomb}, 65534: 300}
    protected = cose.header(keeper.algorithm, keeper.kid, STATUS_LIST_TYPE)
    with pytest.raises(Malformed):
        read_status_list(cose.seal(protected, cbor.encode(content), b"", keeper.sign), URI, keepers, AT)


@pytest.mark.parametrize(
    "stream",
    [b"", b"nonsense", zlib.compress(b"1234")[:-1], zlib.compress(b"1234") + b"\0", zlib.compress(bytes(9)), b"x\x9c"],
)
def test_a_broken_stream_is_refused(stream):
    with pytest.raises(Malformed):
        inflate(stream, 8)


GOOD = {"bits": 2, "lst": zlib.compress(bytes(2))}


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD, 65534: 300, 1: "more"},
        {2: 3, 4: NOW + 60, 6: NOW, 65533: GOOD, 65534: 300},
        {2: URI, 4: True, 6: NOW, 65533: GOOD, 65534: 300},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: [], 65534: 300},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD | {"bits": 1}, 65534: 300},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD | {"lst": "x"}, 65534: 300},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD | {"more": 1}, 65534: 300},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD | {"lst": zlib.compress(b"")}, 65534: 300},
        {2: URI, 4: NOW + 60, 6: NOW, 65533: GOOD | {"aggregation_uri": 1}, 65534: 300},
    ],
)
def test_a_signed_list_of_another_form_is_refused(keeper, keepers, payload):
    protected = cose.header(keeper.algorithm, keeper.kid, STATUS_LIST_TYPE)
    data = cose.seal(protected, cbor.encode(payload), b"", keeper.sign)
    with pytest.raises(Malformed):
        read_status_list(data, URI, keepers, AT)


def test_a_million_tokens_fit_in_25_kilobytes(keeper):
    chance, total = random.Random(7), 0
    for _ in range(8):
        statuses = StatusList()
        for index in chance.sample(range(SIZE), SIZE * 13 // 1000):
            statuses.set(index, chance.choice((INVALID, SUSPENDED)) if chance.random() < 0.3 else INVALID)
        total += len(sign_status_list(statuses, keeper, uri=URI, at=AT))
    assert total <= 25_600


def test_a_list_whose_address_and_age_are_known_otherwise_is_opened_by_its_signature_alone(keeper, keepers):
    data = sign_status_list(StatusList(64), keeper, uri=URI, at=AT)
    assert open_status_list(data, keepers).uri == URI
    with pytest.raises(Expired):
        read_status_list(data, URI, keepers, AT + timedelta(days=9))
    with pytest.raises(UnknownKey):
        open_status_list(data, Trust(()))
    with pytest.raises(BadSignature):
        open_status_list(data[:-1] + bytes((data[-1] ^ 1,)), keepers)
    with pytest.raises(Malformed):
        open_status_list(sign_status_list(StatusList(64), keeper, uri=URI, at=AT), keepers, size=32)

from datetime import date, timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import cbor
from cards.claims import AMIS, DAY, LONGEST, Claims, Right, decode_claims, encode_claims, fit_name
from cards.errors import Malformed, Unencodable
from tests.cards.conftest import claims

RIGHTS = st.builds(Right, st.integers(0, 65_535), st.dates(date(1970, 1, 1), date(2149, 6, 6)))
NAMES = st.text(alphabet="AĀBCČDEĒŠŽabcčdeēķļņšž -'", min_size=1, max_size=30).map(fit_name).filter(bool)
DEVICES = st.builds(bytes.__add__, st.sampled_from([b"\x02", b"\x03"]), st.binary(min_size=32, max_size=32))


@st.composite
def any_claims(draw) -> Claims:
    profile = draw(st.sampled_from("SPBC"))
    iat = draw(st.integers(0, 4_000_000_000))
    life = draw(st.integers(2, LONGEST[profile]))
    cti = st.binary(min_size=8, max_size=8)
    return Claims(
        iat=iat,
        exp=iat + life,
        status=draw(st.integers(0, 2**32 - 1)),
        rights=tuple(draw(st.lists(RIGHTS, min_size=1, max_size=6 if profile == "C" else 4))),
        cti=draw(cti if profile in "SP" else cti | st.none()),
        nbf=draw(st.none() | st.integers(iat + 1, iat + life)),
        device=draw(DEVICES) if profile == "B" else None,
        name=draw(NAMES) if profile == "P" else None,
        birth_year=draw(st.integers(1900, 2200)) if profile == "P" else None,
        companions=draw(st.integers(0, 9)),
        photo_id=draw(st.booleans()),
        online=draw(st.booleans()),
        uid=draw(st.binary(min_size=7, max_size=7)) if profile == "C" else None,
        generation=draw(st.integers(0, 2**32 - 1)) if profile == "C" else None,
    )


@given(any_claims())
def test_claims_come_back_and_another_cbor_library_reads_the_same_payload(one):
    payload = encode_claims(one)
    assert decode_claims(payload) == one
    theirs = cbor2.loads(payload)
    assert (theirs[4], theirs[6], theirs[AMIS][1]) == (one.exp, one.iat, one.status)


def test_the_payload_has_the_keys_of_a_cwt():
    payload = cbor2.loads(encode_claims(claims(companions=2, photo_id=True)))
    assert payload == {
        4: claims().exp,
        6: claims().iat,
        7: claims().cti,
        AMIS: {1: claims().status, 2: [301, 21_061, 412, 20_818], 5: 2, 6: 1},
    }


def payload_with(inner=None, drop=(), **outer) -> bytes:
    """An ordinary payload, some outer (`k4=...`) and inner claims replaced, some dropped."""
    plain = cbor.decode(encode_claims(claims()))
    plain |= {int(key.removeprefix("k")): value for key, value in outer.items()}
    plain[AMIS] |= inner or {}
    return cbor.encode({key: value for key, value in plain.items() if key not in drop})


IAT = claims().iat


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        cbor.encode([]),
        cbor.encode({}),
        payload_with(k1="an issuer"),
        payload_with(k99=0),
        payload_with({9: 0}),
        payload_with({"1": 0}),
        payload_with(drop=[4]),
        payload_with(drop=[6]),
        payload_with(drop=[7]),
        payload_with(drop=[AMIS]),
        payload_with(k4=True),
        payload_with(k4="1"),
        payload_with(k4=-1),
        payload_with(k4=IAT),
        payload_with(k4=IAT - 1),
        payload_with(k4=IAT + 400 * DAY + 1),
        payload_with(k4=2**33, k6=2**33 - 5),
        payload_with(k6=-5),
        payload_with(k5=IAT),
        payload_with(k5=claims().exp + 1),
        payload_with(k7=b"seven77"),
        payload_with(k7="eight888"),
        payload_with({1: -1}),
        payload_with({1: 2**32}),
        payload_with({2: []}),
        payload_with({2: [301]}),
        payload_with({2: [301, 20_000] * 5}),
        payload_with({2: [65_536, 20_000]}),
        payload_with({2: [301, 65_536]}),
        payload_with({2: [301, -1]}),
        payload_with({2: [True, 20_000]}),
        payload_with({2: {301: 20_000}}),
        payload_with({5: 0}),
        payload_with({5: 10}),
        payload_with({5: -1}),
        payload_with({6: 0}),
        payload_with({6: 4}),
        payload_with({6: -1}),
        payload_with({3: "Anna B."}),
        payload_with({4: 1950}),
        payload_with({3: "", 4: 1950}),
        payload_with({3: "A" * 25, 4: 1950}),
        payload_with({3: " Anna", 4: 1950}),
        payload_with({3: "An\na", 4: 1950}),
        payload_with({3: b"Anna", 4: 1950}),
        payload_with({3: "Anna", 4: 1899}),
        payload_with({7: b"1234567"}),
        payload_with({8: 1}),
        payload_with({7: b"123456", 8: 1}),
        payload_with({7: b"1234567", 8: 2**32}),
        payload_with({7: b"1234567", 8: 1, 3: "Anna", 4: 1950}),
        payload_with(k8={}),
        payload_with(k8={1: {}}),
        payload_with(k8={1: {1: 2, -1: 1, -2: bytes(31), -3: True}}),
        payload_with(k8={1: {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)}}),
        payload_with(k8={1: {1: 2, -1: 2, -2: bytes(32), -3: True}}),
        payload_with(k8={1: {1: 2, -1: 1, -2: bytes(32), -3: True}}),  # a device may not live 365 days
        payload_with(k8={1: {1: 2, -1: True, -2: bytes(32), -3: True}}, k4=IAT + 60),
        payload_with(k8={1: {1: 2, -1: 1, -2: bytes(32), -3: True}}, k4=IAT + 60) + b"\0",
        payload_with({3: "Anna", 4: 1950}, k8={1: {1: 2, -1: 1, -2: bytes(32), -3: True}}, k4=IAT + 60),
    ],
)
def test_unknown_missing_mistyped_or_excessive_claims_are_refused(payload):
    with pytest.raises(Malformed):
        decode_claims(payload)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": IAT},
        {"exp": IAT + 401 * DAY},
        {"rights": ()},
        {"rights": (Right(1, date(2027, 1, 1)),) * 5},
        {"rights": (Right(65_536, date(2027, 1, 1)),)},
        {"rights": (Right(1, date(1969, 12, 31)),)},
        {"cti": None},
        {"cti": b"short"},
        {"status": 2**32},
        {"companions": 10},
        {"name": "Anna"},
        {"name": "Anna", "birth_year": 1},
        {"device": b"\x04" + bytes(32), "exp": IAT + DAY},
        {"device": b"\x02" + bytes(31), "exp": IAT + DAY},
        {"device": b"\x02" + bytes(32)},
        {"uid": bytes(7)},
        {"uid": bytes(6), "generation": 1},
        {"nbf": IAT},
    ],
)
def test_claims_that_break_a_limit_are_not_encoded(changes):
    with pytest.raises(Unencodable):
        encode_claims(claims(**changes))


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("Anna Bērziņa", "Anna Bērziņa"),
        ("  Anna ", "Anna"),
        ("Šķēršņā Ģirņķīšļēģšķūņā", "Šķēršņā Ģirņķī"),
        ("Maksimiliāns Aleksandrs", "Maksimiliāns Aleksandrs"),
        ("Maksimiliāna Aleksandra Š", "Maksimiliāna Aleksandra"),
        ("e\u0304" * 13, "ē" * 12),
        ("a" * 23 + "x\u0304", "a" * 23),
    ],
)
def test_a_name_is_cut_at_a_letter(name, cut):
    assert fit_name(name) == cut
    assert len(cut.encode()) <= 24


def test_each_profile_is_told_by_its_claims():
    assert claims().profile == "S"
    assert claims(name="Anna", birth_year=1950).profile == "P"
    assert claims(device=bytes(33)).profile == "B"
    assert claims(uid=bytes(7), generation=1).profile == "C"
    assert claims().iat + timedelta(days=400).total_seconds() == claims().iat + LONGEST["S"]

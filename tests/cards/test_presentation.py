from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards import base45, cbor, cose, qr
from cards.credential import mint, verify
from cards.errors import BadSignature, Expired, Malformed, PresentationStale, UnknownKey, WrongCarrier
from cards.presentation import present
from tests.cards.conftest import AT, Issuer, claims, minted, new_issuer

NOW = int(AT.timestamp())


@pytest.fixture(scope="module")
def phone() -> Issuer:
    return new_issuer()


@pytest.fixture(scope="module")
def bound(issuer, phone) -> bytes:
    point = phone.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return mint(issuer, claims(device=point, exp=NOW + 30 * 86_400, cti=None))


def test_a_phone_proves_that_it_holds_the_key(trust, phone, bound):
    text = present(bound, phone.sign, NOW, audience="bus 12", nonce=b"challenge")
    verified = verify(text, trust, AT)
    assert verified.profile == "B"
    assert verified.presentation == (NOW, "bus 12", b"challenge")
    assert verified.replay_key == (verified.kid, claims().status, NOW)


def test_sizes_hold(phone, bound):
    text = present(bound, phone.sign, NOW)
    assert len(bound) <= 180
    assert len(base45.decode(text[4:])) <= 300
    assert qr.version(qr.matrix(text, "M")) <= 12


def test_a_presentation_lives_a_minute(trust, phone, bound):
    text = present(bound, phone.sign, NOW)
    for seconds in (-30, 0, 60):
        assert verify(text, trust, AT + timedelta(seconds=seconds)).profile == "B"
    for seconds in (-31, 61, 3600):
        with pytest.raises(PresentationStale):
            verify(text, trust, AT + timedelta(seconds=seconds))


def test_another_phone_is_refused(trust, bound):
    with pytest.raises(BadSignature):
        verify(present(bound, new_issuer().sign, NOW), trust, AT)


def test_every_flipped_bit_is_refused(trust, phone, bound):
    data = base45.decode(present(bound, phone.sign, NOW)[4:])
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Malformed, UnknownKey, BadSignature)):
            verify("AM2:" + base45.encode(bytes(changed)), trust, AT)


def test_a_credential_without_a_device_is_not_presented(issuer, trust, phone):
    static = base45.decode(minted(issuer)[4:])
    with pytest.raises(WrongCarrier):
        verify(present(static, phone.sign, NOW), trust, AT)


def test_the_inner_credential_is_judged_in_full(issuer, trust, phone):
    point = phone.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    over = mint(issuer, claims(device=point, iat=NOW - 40 * 86_400, exp=NOW - 11 * 86_400))
    with pytest.raises(Expired):
        verify(present(over, phone.sign, NOW), trust, AT)
    foreign = mint(new_issuer(), claims(device=point, exp=NOW + 86_400))
    with pytest.raises(UnknownKey):
        verify(present(foreign, phone.sign, NOW), trust, AT)


def test_a_device_key_that_is_no_point_is_refused(issuer, trust, phone):
    nowhere = mint(issuer, claims(device=b"\x02" + b"\xff" * 32, exp=NOW + 86_400))
    with pytest.raises(Malformed):
        verify(present(nowhere, phone.sign, NOW), trust, AT)


@pytest.mark.parametrize(
    "said", [{}, {6: True}, {6: "now"}, {6: NOW, 3: 1}, {6: NOW, 39: "x"}, {6: NOW, 7: b""}, [NOW], {"6": NOW}]
)
def test_what_the_device_says_is_read_strictly(trust, phone, bound, said):
    protected = bytes.fromhex("a301280d") + bound + bytes.fromhex("10190126")
    data = cose.seal(protected, cbor.encode(said), b"", phone.sign)
    with pytest.raises(Malformed):
        verify("AM2:" + base45.encode(data), trust, AT)


@pytest.mark.parametrize(
    ("before", "after"),
    [("a301260d", "10190126"), ("a301280d", "10190127"), ("a201280d", ""), ("a301280d", "1019012600"), ("", "")],
)
def test_another_outer_header_is_refused(trust, phone, bound, before, after):
    data = cose.seal(bytes.fromhex(before) + bound + bytes.fromhex(after), cbor.encode({6: NOW}), b"", phone.sign)
    with pytest.raises(Malformed):
        verify("AM2:" + base45.encode(data), trust, AT)


def test_a_header_shorter_than_its_ends_is_refused(trust, phone):
    for header in ("a301280d10190126", "a301280d190126", "a301280d", ""):
        data = cose.seal(bytes.fromhex(header), cbor.encode({6: NOW}), b"", phone.sign)
        with pytest.raises(Malformed):
            verify("AM2:" + base45.encode(data), trust, AT)


def test_a_bound_credential_under_its_own_prefix_only(trust, phone, bound):
    with pytest.raises(Malformed):
        verify("AM2:" + base45.encode(bound), trust, AT)
    assert isinstance(phone.key, ec.EllipticCurvePrivateKey)

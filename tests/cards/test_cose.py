import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cwt import COSE, COSEKey, VerifyError
from hypothesis import given
from hypothesis import strategies as st

from cards import cose
from cards.errors import BadSignature, Malformed
from tests.cards.conftest import edwards_issuer, new_issuer

ISSUERS = {"P-256": new_issuer(), "Ed25519": edwards_issuer()}
PAYLOADS = st.binary(max_size=400)


def sealed(issuer, payload=b"payload", aad=b"aad") -> bytes:
    return cose.seal(cose.header(issuer.algorithm, issuer.kid), payload, aad, issuer.sign)


@pytest.mark.parametrize("kind", ISSUERS)
@given(payload=PAYLOADS, aad=st.binary(max_size=20))
def test_what_is_sealed_can_be_cut_and_checked(kind, payload, aad):
    issuer = ISSUERS[kind]
    parts = cose.cut(sealed(issuer, payload, aad))
    assert (parts.protected, parts.payload) == (cose.header(issuer.algorithm, issuer.kid), payload)
    cose.check_with(issuer.key.public_key())(parts.signature, parts.signed_bytes(aad))


@given(PAYLOADS)
def test_the_signed_bytes_are_the_sig_structure_as_cbor2_writes_it(payload):
    protected = cose.header(cose.ESP256, b"kid1")
    expected = cbor2.dumps(["Signature1", protected, b"AMIS-AM1", payload])
    assert cose.signed_bytes(protected, payload, b"AMIS-AM1") == expected


def cwt_key(issuer, algorithm: int) -> COSEKey:
    named = {2: issuer.kid, 3: algorithm}
    if isinstance(issuer.key, ec.EllipticCurvePrivateKey):
        return COSEKey.new(named | {1: 2, -1: 1, -2: issuer.der[-64:-32], -3: issuer.der[-32:]})
    return COSEKey.new(named | {1: 1, -1: 6, -2: issuer.der[-32:]})


@pytest.mark.parametrize(("kind", "algorithm"), [("P-256", cose.ES256), ("Ed25519", cose.EDDSA)])
def test_another_library_verifies_what_we_seal(kind, algorithm):
    issuer = ISSUERS[kind]
    data = cose.seal(cose.header(algorithm, issuer.kid), b"payload", b"aad", issuer.sign)
    assert COSE.new().decode(data, cwt_key(issuer, algorithm), external_aad=b"aad") == b"payload"
    with pytest.raises(VerifyError):
        COSE.new().decode(data, cwt_key(issuer, algorithm), external_aad=b"another")


@pytest.mark.parametrize("kind", ISSUERS)
def test_every_flipped_bit_of_the_signature_or_the_content_is_found(kind):
    issuer = ISSUERS[kind]
    parts = cose.cut(sealed(issuer))
    check = cose.check_with(issuer.key.public_key())
    signed = parts.signed_bytes(b"aad")
    for bit in range(8 * cose.SIGNATURE_SIZE):
        with pytest.raises(BadSignature):
            check(flipped(parts.signature, bit), signed)
    for bit in range(8 * len(signed)):
        with pytest.raises(BadSignature):
            check(parts.signature, flipped(signed, bit))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(63) + b"\1", b"\1" + bytes(63)])
def test_degenerate_signatures_are_refused(signature):
    for issuer in ISSUERS.values():
        with pytest.raises(BadSignature):
            cose.check_with(issuer.key.public_key())(signature, b"data")


def test_any_other_shape_is_refused():
    data = sealed(ISSUERS["P-256"])
    shapes = {
        "no tag": data[1:],
        "another tag": b"\xd1" + data[1:],
        "another array": data[:1] + b"\x85" + data[2:],
        "one byte more": data + b"\0",
        "one byte less": data[:-1],
        "empty": b"",
        "an unprotected header": data.replace(b"\xa0\x47payload", b"\xa1\x01\x02\x47payload"),
        "a long head": data.replace(b"\x47payload", b"\x58\x07payload"),
        "a longer head": data.replace(b"\x47payload", b"\x59\x00\x07payload"),
        "text as payload": data.replace(b"\x47payload", b"\x67payload"),
        "a detached payload": data.replace(b"\x47payload", b"\xf6"),
        "a payload that runs over the end": data.replace(b"\x47payload", b"\x59\xff\xffpayload"),
        "a very long head": data.replace(b"\x47payload", b"\x5a\x00\x00\x00\x07payload"),
        "a head of eight bytes": data.replace(b"\x47payload", b"\x5b" + bytes(7) + b"\x07payload"),
        "a large payload that runs over the end": data.replace(b"\x47payload", b"\x5a\xff\xff\xff\xffpayload"),
    }
    for name, shape in shapes.items():
        with pytest.raises(Malformed):
            pytest.fail(f"{name}: {cose.cut(shape)}")


@pytest.mark.parametrize("size", [0, 23, 24, 255, 256, 65_535, 65_536, 200_000])
def test_a_payload_of_any_size_is_cut_out_again(size):
    # beyond 64 KiB lie card snapshots
    payload = bytes(size)
    data = sealed(ISSUERS["P-256"], payload)
    assert cose.cut(data).payload == payload
    assert cose.length(data + b"more") == len(data)


@given(st.binary(max_size=200))
def test_cutting_any_bytes_gives_parts_or_malformed(data):
    with pytest.raises(Malformed):
        cose.cut(b"\xd2\x84" + data)


def test_the_thumbprint_of_rfc_9679_holds():
    x = int("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d", 16)
    y = int("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c", 16)
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    assert cose.thumbprint(key).hex() == "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    assert cose.key_id(key).hex() == "496bd8af"


def test_a_key_of_another_curve_or_no_key_at_all_is_not_loaded():
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    for der in (other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), b"", b"0Y0"):
        with pytest.raises(Malformed):
            cose.load_public(der)


def test_an_object_is_parted_from_what_stands_behind_it():
    whole = sealed(ISSUERS["P-256"], bytes(200))
    for rest in (b"", bytes(30), whole):
        assert cose.length(whole + rest) == len(whole)
    for other in (b"", bytes(256), whole[:1], b"\xd2\x84" + bytes(20)):
        with pytest.raises(Malformed):
            cose.length(other)

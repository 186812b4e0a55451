import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from amis.staff import pairing
from amis.staff.errors import InvalidKey


def test_a_code_is_found_however_it_was_typed():
    code = pairing.new_code()
    assert len(code) == 14
    assert pairing.code_digest(code) == pairing.code_digest(code.lower().replace("-", " "))
    assert pairing.code_digest("KOIL-0000-1111") == pairing.code_digest("K011 0000 1111")


def test_codes_do_not_repeat():
    assert len({pairing.new_code() for _ in range(1000)}) == 1000


def test_the_fingerprint_is_the_thumbprint_of_the_standard():
    # RFC 7517 appendix A.1's EC key; the digest was computed from RFC 7638's canonical form by hand.
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }
    assert pairing.fingerprint(pairing.public_key(jwk | {"use": "sig", "kid": "1"})) == _by_hand(jwk)


def _by_hand(jwk):
    import base64
    import hashlib
    import json

    canonical = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def test_a_private_key_is_refused_before_it_is_kept():
    with pytest.raises(InvalidKey):
        pairing.public_key(ECKey.generate_key("P-256").as_dict(private=True))


@pytest.mark.parametrize(
    "key",
    [ECKey.generate_key("P-384"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048)],
    ids=["P-384", "Ed25519", "RSA"],
)
def test_another_kind_of_key_is_refused(key):
    with pytest.raises(InvalidKey):
        pairing.public_key(key.as_dict(private=False))


@pytest.mark.parametrize(
    "change", [{"x": "AAAA"}, {"x": None}, {"x": 5}, {"y": "!"}, {"x": "A" * 43}, {"x": "A" * 43, "y": "A" * 43}]
)
def test_what_is_no_point_of_the_curve_is_refused(change):
    jwk = ECKey.generate_key("P-256").as_dict(private=False) | change
    with pytest.raises(InvalidKey):
        pairing.public_key(jwk)

"""What a phone's signature proves, and whatever else arrives in its place."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from amis.holder.errors import ClockOff, ProofRefused
from amis.holder.proof import check_enrolment, enrolment_text, point, verify
from amis.kernel import clock
from amis.staff.errors import InvalidKey
from cards import cose
from cards.jwk import base64url, jwk, thumbprint
from tests.holder.phone import Phone

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PATH = "/holder/v1/home"
PHONE = Phone(httpx.AsyncClient(), "https://amis.example")
HERE = "GET", PHONE.url + PATH


def proof(**claims: Any) -> str:
    with clock.moved(NOW):
        return PHONE.proof("GET", PATH, **claims)


def test_a_proof_names_its_key_and_may_be_shown_for_a_minute() -> None:
    shown = verify(proof(jti="once"), *HERE, NOW)
    assert shown.thumbprint == thumbprint(PHONE.key.public_key())
    assert (shown.jti, shown.expires_at) == ("once", NOW + timedelta(minutes=1))


@pytest.mark.parametrize("drift", [-61, 61])
def test_a_clock_that_is_off_is_told_so(drift: int) -> None:
    assert verify(proof(), *HERE, NOW + timedelta(seconds=drift - drift // 61))
    with pytest.raises(ClockOff):
        verify(proof(), *HERE, NOW + timedelta(seconds=drift))


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": "POST"},
        {"htu": "https://other.example/holder/v1/home"},
        {"jti": ""},
        {"jti": "x" * 65},
        {"jti": 7},
        {"iat": True},
        {"iat": "1"},
        {"iat": 2**40},
        {"iat": None},
        {"typ": "JWT"},
    ],
)
def test_a_proof_of_something_else_proves_nothing(claims: dict[str, Any]) -> None:
    with pytest.raises(ProofRefused):
        verify(proof(**claims), *HERE, NOW)


def test_a_proof_signed_by_another_key_or_by_none_is_refused() -> None:
    head, body, _ = proof().split(".")
    other = cose.sign(ec.generate_private_key(ec.SECP256R1()), f"{head}.{body}".encode())
    none = base64url(json.dumps({"alg": "none", "typ": "dpop+jwt", "jwk": jwk(PHONE.key.public_key())}).encode())
    for forged in (f"{head}.{body}.{base64url(other)}", f"{none}.{body}.", f"{head}.{body}", "", "a.b.c"):
        with pytest.raises(ProofRefused):
            verify(forged, *HERE, NOW)


@given(st.data())
def test_a_changed_proof_is_never_taken(data: st.DataObject) -> None:
    text = proof(jti="fixed")
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.characters(codec="ascii").filter(lambda one: one != text[at]))
    changed = text[:at] + put + text[at + 1 :]
    try:
        shown = verify(changed, *HERE, NOW)
    except (ProofRefused, ClockOff):
        return
    # the last character of base64 has bits that mean nothing: then it is the same proof
    assert (shown.jti, shown.thumbprint) == ("fixed", thumbprint(PHONE.key.public_key()))


@given(st.text(max_size=300) | st.binary(max_size=300).map(base64url))
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    with pytest.raises(ProofRefused):
        verify(text, *HERE, NOW)


def test_an_enrolment_binds_the_code_to_the_key() -> None:
    body = PHONE.enrolment("K7QF2-M9DXW")
    key, print_ = check_enrolment("k7qf2m9dxw", body["jwk"], body["proof"])
    assert (key, print_) == (jwk(PHONE.key.public_key()), thumbprint(PHONE.key.public_key()))
    assert enrolment_text("k7qf2 m9dxw", "x") == b"AMIS-HOLDER|K7QF2M9DXW|x"
    stranger = jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    for code, other in (("K7QF2-M9DXX", body["jwk"]), ("K7QF2-M9DXW", stranger)):
        with pytest.raises(ProofRefused):
            check_enrolment(code, other, body["proof"])


@pytest.mark.parametrize("signature", ["", "!", "AAAA", "A" * 86, "A" * 85 + "é"])
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    with pytest.raises(ProofRefused):
        check_enrolment("K7QF2-M9DXW", jwk(PHONE.key.public_key()), signature)


def test_a_private_key_or_one_of_another_kind_is_not_taken() -> None:
    body = PHONE.enrolment("K7QF2-M9DXW")
    for wrong in ({"d": "AQ"}, {"crv": "P-384"}, {"x": "AQ"}):
        with pytest.raises(InvalidKey):
            check_enrolment("K7QF2-M9DXW", body["jwk"] | wrong, body["proof"])


def test_the_point_in_a_credential_is_that_of_the_key() -> None:
    compressed = point(jwk(PHONE.key.public_key()))
    same = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), compressed)
    assert same == PHONE.key.public_key()
    assert len(compressed) == 33


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
WORDS = st.sampled_from(
    ["typ", "alg", "jwk", "kty", "crv", "x", "y", "crit", "b64", "dpop+jwt", "ES256", "EC", "P-256"]
)
HEADS = st.recursive(PLAIN | WORDS, lambda one: st.lists(one, max_size=3) | st.dictionaries(WORDS, one, max_size=5))


@given(HEADS, HEADS)
def test_any_header_and_any_claims_are_refused_and_nothing_worse(head: object, said: object) -> None:
    parts = [base64url(json.dumps(part).encode()) for part in (head, said)]
    with pytest.raises(ProofRefused):
        verify(".".join([*parts, base64url(bytes(64))]), *HERE, NOW)

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from amis.staff.assertion import claimed_machine, verify
from amis.staff.errors import InvalidClient

AT = datetime(2026, 5, 31, 12, tzinfo=UTC)
AUDIENCE = "https://amis.example.lv/machine/v1/token"
KEY = ECKey.generate_key("P-256")
PUBLIC = KEY.as_dict(private=False)
MACHINE = uuid4()


def claims(**changes):
    now = int(AT.timestamp())
    good = {"iss": str(MACHINE), "sub": str(MACHINE), "aud": AUDIENCE, "iat": now, "exp": now + 60, "jti": "one"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(key=KEY, alg="ES256", **changes):
    return jwt.encode({"alg": alg}, claims(**changes), key, algorithms=[alg])


def test_a_good_assertion_says_who_speaks():
    assertion = verify(signed(), PUBLIC, AUDIENCE, AT)
    assert claimed_machine(signed()) == assertion.machine_id == MACHINE
    assert (assertion.jti, assertion.expires_at) == ("one", AT + timedelta(seconds=60))


NOW = int(AT.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example/machine/v1/token"},
        {"aud": None},
        {"iss": "018f0000-0000-7000-8000-000000000001"},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 129},
        {"exp": None},
        {"iat": None},
        {"exp": NOW + 61},
        {"exp": NOW},
        {"iat": NOW + 31, "exp": NOW + 60},
        {"iat": NOW - 100, "exp": NOW - 40},
        {"iat": True},
        {"iat": "now"},
        {"exp": 2**80},
    ],
    ids=str,
)
def test_a_faulty_claim_is_refused_and_named(changes):
    with pytest.raises(InvalidClient) as refusal:
        verify(signed(**changes), PUBLIC, AUDIENCE, AT)
    assert refusal.value.detail


def test_a_clock_half_a_minute_off_is_borne():
    verify(signed(iat=NOW + 30, exp=NOW + 60), PUBLIC, AUDIENCE, AT)
    verify(signed(iat=NOW - 80, exp=NOW - 29), PUBLIC, AUDIENCE, AT)


def test_another_key_is_refused_without_a_word_of_detail():
    with pytest.raises(InvalidClient) as refusal:
        verify(signed(ECKey.generate_key("P-256")), PUBLIC, AUDIENCE, AT)
    assert refusal.value.detail == ""


def test_no_algorithm_and_symmetric_algorithms_are_refused():
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = signed().split(".")[1]
    secret = OctKey.import_key(json.dumps(PUBLIC).encode())
    for text in (f"{header}.{body}.", signed(secret, "HS256")):
        with pytest.raises(InvalidClient):
            verify(text, PUBLIC, AUDIENCE, AT)


def test_every_changed_letter_is_noticed():
    text = signed()
    for place in range(len(text)):
        other = "A" if text[place] != "A" else "B"
        changed = text[:place] + other + text[place + 1 :]
        try:
            said = verify(changed, PUBLIC, AUDIENCE, AT)
        except InvalidClient:
            continue
        # The last letter of the signature holds bits that base64 does not use.
        assert place == len(text) - 1
        assert said.machine_id == MACHINE


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "[" * 4000, "é.é.é", signed() + ".x", "A" * 5000])
def test_what_is_no_assertion_claims_no_machine(text):
    with pytest.raises(InvalidClient):
        claimed_machine(text)


@pytest.mark.parametrize(
    "payload", ["[]", "5", "null", '{"sub": 5}', '{"sub": ["a"]}', '{"sub": "no-uuid"}', "[" * 2500]
)
def test_a_payload_without_a_machine_claims_none(payload):
    parts = [base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in ('{"alg":"ES256"}', payload)]
    with pytest.raises(InvalidClient):
        claimed_machine(".".join([*parts, "AAAA"]))


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else_happens(text):
    with pytest.raises(InvalidClient):
        claimed_machine(text)
    with pytest.raises(InvalidClient):
        verify(text, PUBLIC, AUDIENCE, AT)

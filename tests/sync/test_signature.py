from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import standardwebhooks
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync import signature
from sync.errors import (
    KeyUnreadable,
    SignatureHeadersInvalid,
    SignatureMismatch,
    SignatureRefused,
    TimestampOutOfRange,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another secret, 24 bytes").decode()
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
PRIVATE = "whsk_" + base64.b64encode(bytes(range(32))).decode()


def signed(*keys: str, at: datetime = AT, body: bytes = BODY) -> dict[str, str]:
    return signature.sign([signature.signing_key(key) for key in keys], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)


def known(**keys: str) -> dict[str, signature.VerifyingKey]:
    return {key_id: signature.verifying_key(key) for key_id, key in keys.items()}


def public() -> str:
    key = signature.signing_key(PRIVATE)
    assert isinstance(key, signature.PrivateKey)
    return key.public().to_text()


def test_the_published_vector_comes_out() -> None:
    assert signed(SECRET) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_good_message_names_its_key_id_and_time() -> None:
    verified = signature.verify(known(old=OTHER, new=SECRET), signed(SECRET), BODY, AT)
    assert verified == signature.Verified("new", "msg_p5jXN8AQM9LWM0D4loKWxJek", AT)


@given(st.text(max_size=60), st.binary(min_size=24, max_size=64))
def test_the_reference_library_agrees_both_ways(text: str, secret: bytes) -> None:
    body, written = json.dumps(text).encode(), "whsec_" + base64.b64encode(secret).decode()
    now = datetime.now(UTC).replace(microsecond=0)
    reference = standardwebhooks.Webhook(written)
    assert reference.verify(body, signed(written, at=now, body=body)) == text
    theirs = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(now.timestamp()))}
    theirs["Webhook-Signature"] = reference.sign("msg_1", now, body.decode())
    assert signature.verify(known(k=written), theirs, body, now).message_id == "msg_1"


def test_a_local_time_signs_as_the_same_moment_in_utc() -> None:
    assert signed(SECRET, at=AT.astimezone(timezone(timedelta(hours=2)))) == signed(SECRET)


def test_an_ed25519_signature_is_what_the_curve_says_of_id_time_and_body() -> None:
    header = signed(PRIVATE)["webhook-signature"]
    raw = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).sign(
        b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + BODY
    )
    assert header == "v1a," + base64.b64encode(raw).decode()
    assert signature.verify(known(k=public()), signed(PRIVATE), BODY, AT).key_id == "k"


def test_the_reference_notation_of_a_private_key_may_carry_its_public_half() -> None:
    half = base64.b64decode(public().removeprefix("whpk_"))
    assert signed("whsk_" + base64.b64encode(bytes(range(32)) + half).decode()) == signed(PRIVATE)


@pytest.mark.parametrize("accepted", [{"a": SECRET}, {"b": OTHER}, {"x": OTHER, "y": SECRET}])
def test_while_keys_rotate_either_one_is_enough(accepted: dict[str, str]) -> None:
    assert signature.verify(known(**accepted), signed(OTHER, SECRET, PRIVATE), BODY, AT).key_id in accepted


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_tolerated_and_no_second_more(seconds: int) -> None:
    signature.verify(known(k=SECRET), signed(SECRET), BODY, AT + timedelta(seconds=seconds))
    with pytest.raises(TimestampOutOfRange):
        signature.verify(known(k=SECRET), signed(SECRET), BODY, AT + timedelta(seconds=seconds * 301 / 300))


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-signature": "v1," + base64.b64encode(b"x" * 32).decode()},
        {"webhook-signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    ],
)
def test_any_change_is_noticed(change: dict[str, str]) -> None:
    with pytest.raises(SignatureMismatch):
        signature.verify(known(k=SECRET, p=public()), signed(SECRET) | change, BODY, AT)


def test_another_body_or_another_key_is_noticed() -> None:
    with pytest.raises(SignatureMismatch):
        signature.verify(known(k=SECRET), signed(SECRET), BODY + b" ", AT)
    with pytest.raises(SignatureMismatch):
        signature.verify(known(k=OTHER), signed(SECRET), BODY, AT)
    with pytest.raises(SignatureMismatch):
        signature.verify({}, signed(SECRET), BODY, AT)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": ""},
        {"webhook-id": "a.b"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1614265330.5"},
        {"webhook-timestamp": "1" * 30},
        {"webhook-timestamp": "١٦١"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,***"},
        {"webhook-signature": " ".join(["v1,AAAA"] * 5)},
    ],
)
def test_malformed_headers_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(SignatureHeadersInvalid):
        signature.verify(known(k=SECRET), signed(SECRET) | change, BODY, AT)


@given(st.dictionaries(st.sampled_from(sorted(signed(SECRET))), st.text(max_size=40), min_size=1))
def test_any_headers_give_an_answer_or_our_error(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        signature.verify(known(k=SECRET, p=public()), signed(OTHER) | headers, BODY, AT)


@pytest.mark.parametrize(
    "text", ["", "secret", "whsec_", "whsec_AAAA", "whsec_ā", "whsk_AAAA", "whpk_AAAA", "whsec_" + "A" * 100]
)
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(KeyUnreadable):
        signature.signing_key(text)
    with pytest.raises(KeyUnreadable):
        signature.verifying_key(text)


def test_keys_do_not_show_in_their_repr() -> None:
    assert "MfKQ" not in repr(signature.signing_key(SECRET))
    assert "secret=" not in repr(signature.signing_key(SECRET))

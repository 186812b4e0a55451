from __future__ import annotations

import json
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.spdci import signature
from sync.spdci.errors import SignatureInvalid, SignatureMissing
from sync.spdci.key import draw_key, public_key
from sync.strict_json import strict_json
from tests.sync.spdci import samples

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
KEY = draw_key("key-1")
PUBLIC = public_key(KEY.public_jwk())
HEADER = samples.header("notify")
MESSAGE = samples.notified(samples.member(samples.person(samples.ANNA, "Žanete", "Ķēniņa", "1975-11-16"), "M1"))
SIGNED = signature.sign(KEY, HEADER, MESSAGE, AT)
NAMED = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=30)
MOMENT = st.integers(0, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def check(member: str, message: Any = MESSAGE, at: datetime = AT, header: Any = HEADER) -> None:
    signature.verify(PUBLIC, signature.read(member), header, message, at)


def test_the_member_has_the_shape_of_the_standard() -> None:
    start, _, value = SIGNED.rpartition("signature=")
    assert start == (
        f'Signature: namespace="dci", kidId="{samples.REGISTRY}|key-1|ed25519", algorithm="ed25519", '
        'created="1773129600", expires="1773129900", headers="(created) (expires) digest", '
    )
    assert value[0] == value[-1] == '"'


def test_three_lines_are_signed() -> None:
    proof = signature.Proof("s", "k", "ed25519", AT, AT + timedelta(minutes=5), b"")
    # The digest was computed apart from this code: sha256 of {"header":{"b":1},"message":{"a":"ž"}}.
    expected = b"(created): 1773129600\n(expires): 1773129900\ndigest: SHA-256="
    lines = signature._signed(proof, {"b": 1}, {"a": "ž"})
    assert lines == expected + b"YJRYCxFmrkCNDzWVbDKVoJ/GixEdkviy3kLsjJZz8cs="


def test_names_outside_ascii_verify_however_either_side_spells_them() -> None:
    whole = {"signature": SIGNED, "header": HEADER, "message": MESSAGE}
    for escaped in (True, False):
        spelled = strict_json(json.dumps(whole, ensure_ascii=escaped, indent=2, sort_keys=escaped).encode())
        check(spelled["signature"], spelled["message"], header=spelled["header"])


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_holds_for_its_time_only(seconds: int) -> None:
    with pytest.raises(SignatureInvalid):
        check(SIGNED, at=AT + timedelta(seconds=seconds))


def test_what_was_changed_does_not_verify() -> None:
    longer = SIGNED.replace("1773129900", "1773130000")
    for member, message, header in (
        (SIGNED, MESSAGE | {"transaction_id": "t-2"}, HEADER),
        (SIGNED, MESSAGE, HEADER | {"message_id": "m-2"}),
        (SIGNED, MESSAGE, HEADER | {"sender_id": "other"}),
        (longer, MESSAGE, HEADER),
        (SIGNED.replace("key-1|ed25519", "key-1|rs256"), MESSAGE, HEADER),
    ):
        with pytest.raises(SignatureInvalid):
            check(member, message, header=header)


def test_a_life_of_more_than_a_day_or_of_none_is_refused() -> None:
    for life in (timedelta(hours=24, seconds=1), timedelta(0)):
        proof = signature.Proof(samples.REGISTRY, "key-1", "ed25519", AT, AT + life, b"")
        value = KEY.key.sign(signature._signed(proof, HEADER, MESSAGE))
        with pytest.raises(SignatureInvalid):
            check(signature.write(proof, value))


def test_the_sample_member_itself_is_no_signature() -> None:
    sample = (
        'Signature:  namespace="dci", kidId="{sender_id}|{unique_key_id}|{algorithm}", algorithm="ed25519", '
        'created="1606970629", expires="1607030629", headers="(created) (expires) digest", '
        'signature="Base64(signing content)'
    )
    others: list[Any] = [sample, sample + '"', 7, [], "x" * 5000, SIGNED.replace("namespace", "kidId")]
    for member in others:
        with pytest.raises(SignatureInvalid):
            signature.read(member)
    for nothing in (None, ""):
        with pytest.raises(SignatureMissing):
            signature.read(nothing)


@given(NAMED, NAMED, st.sampled_from(["ed25519", "rs256", "ps256"]), MOMENT, MOMENT, st.binary(max_size=512))
def test_what_was_written_is_read_again(
    sender: str, key: str, algorithm: str, created: datetime, expires: datetime, value: bytes
) -> None:
    proof = signature.Proof(sender, key, algorithm, created, expires, b"")
    assert signature.read(signature.write(proof, value)) == replace(proof, value=value)


@given(st.text() | st.from_regex(r'Signature: ([a-zA-Z]{1,9}="[^"]{0,9}"(, )?){1,7}'))
def test_reading_raises_nothing_but_its_own_errors(member: str) -> None:
    try:
        signature.read(member)
    except (SignatureInvalid, SignatureMissing):
        return

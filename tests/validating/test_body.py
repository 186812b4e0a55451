"""Bodies are read strictly, and whatever is sent, the answer is never a fault of ours."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amis.kernel.errors import Invalid, Malformed
from amis.validating.body import ReverseBody, TapBody, read
from tests.validating.conftest import Send
from tests.validating.town import Town

GOOD: dict[str, Any] = {"seq": 1, "token": "AM1:X", "at": "2026-05-31T23:59:00+03:00", "gross": "0.85"}

UID = "04a1b2c3d4e5f6"

UNREADABLE = {
    b"": "nothing",
    b"{": "cut",
    b"\xff": "no UTF-8",
    b'{"seq": NaN}': "NaN",
    b'{"seq": 1, "seq": 2}': "repeated key",
    b'{"seq": 1, "s\\u0065q": 2}': "repeated key, escaped",
    b'{"token": "\\ud800"}': "half of a surrogate pair",
    b'{"token": "\\u0000"}': "NUL",
    b'\xef\xbb\xbf{"seq": 1}': "byte order mark",
}


def test_nothing_shown_is_said_not_left_out() -> None:
    assert read(json.dumps(GOOD | {"token": None}).encode(), TapBody).token is None
    unsaid = {key: value for key, value in GOOD.items() if key != "token"}
    with pytest.raises(Invalid) as refused:
        read(json.dumps(unsaid).encode(), TapBody)
    assert refused.value.pointer == "/token"


@pytest.mark.parametrize("raw", UNREADABLE, ids=UNREADABLE.values())
def test_what_is_no_strict_json_cannot_be_read(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw, TapBody)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"seq": True}, "/seq"),
        ({"seq": "1"}, "/seq"),
        ({"seq": 1.0}, "/seq"),
        ({"seq": -1}, "/seq"),
        ({"seq": 2**53}, "/seq"),
        ({"at": "2026-05-31T23:59:00"}, "/at"),
        ({"at": 0}, "/at"),
        ({"at": "yesterday"}, "/at"),
        ({"gross": 0.85}, "/gross"),
        ({"gross": "-1"}, "/gross"),
        ({"gross": "1e3"}, "/gross"),
        ({"gross": "0.85\n"}, "/gross"),
        ({"gross": "0.12345"}, "/gross"),
        ({"gross": "1234567"}, "/gross"),
        ({"product": "Ä"}, "/product"),
        ({"place": ""}, "/place"),
        ({"place": "a/b"}, "/place"),
        ({"companions": 10}, "/companions"),
        ({"companions": -1}, "/companions"),
        ({"token": ""}, "/token"),
        ({"token": "A" * 701}, "/token"),
        ({"token": {"qr": "A" * 701}}, "/token/qr"),
        ({"token": {}}, "/token"),
        ({"token": {"qr": "A", "card": {"number": "1"}}}, "/token"),
        ({"token": {"card": {}}}, "/token/card"),
        ({"token": {"card": {"uid": UID}}}, "/token/card"),
        ({"token": {"card": {"number": "1", "uid": "04"}}}, "/token/card/uid"),
        ({"token": {"card": {"number": "1", "uid": UID.upper()}}}, "/token/card/uid"),
        ({"token": {"card": {"credential": "0oRD"}}}, "/token/card/uid"),
        ({"token": {"card": {"number": "1", "tier": 1}}}, "/token/card/uid"),
        ({"token": {"card": {"uid": UID, "credential": ""}}}, "/token/card/credential"),
        ({"token": {"card": {"uid": UID, "credential": "%"}}}, "/token/card/credential"),
        ({"token": {"card": {"uid": UID, "credential": "A" * 344}}}, "/token/card/credential"),
        ({"token": {"card": {"uid": UID, "credential": "0oRD", "tier": 2}}}, "/token/card/tier"),
        ({"token": {"card": {"uid": UID, "credential": "0oRD", "tier": 3}}}, "/token/card/tier"),
        ({"token": {"card": {"uid": UID, "credential": "0oRD", "tier": True}}}, "/token/card/tier"),
        ({"token": 1}, "/token"),
        ({"name": "Anna"}, "/name"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(json.dumps(GOOD | change).encode(), TapBody)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("key", ["number", "uid", "credential", "tier"])
def test_a_repeated_key_inside_a_card_is_refused(key: str) -> None:
    card = {"number": "1", "uid": UID, "credential": "0oRD", "tier": 0}
    body = json.dumps(GOOD | {"token": {"card": card}}).replace(
        f'"{key}"', f'"{key}": {json.dumps(card[key])}, "{key}"'
    )
    with pytest.raises(Malformed):
        read(body.encode(), TapBody)


@pytest.mark.parametrize("key", ["seq", "token", "at", "gross"])
def test_a_missing_value_is_named(key: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(json.dumps({name: value for name, value in GOOD.items() if name != key}).encode(), TapBody)
    assert refused.value.pointer == f"/{key}"


def test_what_may_be_left_out_has_its_default() -> None:
    body = read(json.dumps(GOOD).encode(), TapBody)
    assert (body.place, body.product, body.companions) == (None, "single", 0)
    assert read(b'{"seq": 3, "use_seq": 2}', ReverseBody).use_seq == 2


def test_a_value_that_looks_like_a_key_is_no_repeated_key() -> None:
    assert read(json.dumps(GOOD | {"product": "seq", "place": "gross"}).encode(), TapBody).product == "seq"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_AT = st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
_CARD = st.fixed_dictionaries(
    {"uid": st.from_regex(r"[0-9a-f]{14}", fullmatch=True) | _JSON},
    optional={
        "number": st.text(max_size=20) | _JSON,
        "credential": st.binary(max_size=260).map(lambda content: b64encode(content).decode()) | _JSON,
        "tier": st.integers(-1, 4) | _JSON,
    },
)
_NEAR = st.fixed_dictionaries(
    {
        "seq": st.integers(0, 2**53 - 1) | _JSON,
        "token": st.text("AM012:XYZ $%*+-./0123456789", max_size=60) | _CARD.map(lambda card: {"card": card}) | _JSON,
        "at": _AT | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]) | _JSON,
        "gross": st.from_regex(r"[0-9]{1,6}\.[0-9]{1,4}", fullmatch=True) | _JSON,
    },
    optional={"place": _JSON, "product": st.text(max_size=10), "companions": st.integers(-1, 11), "x": _JSON},
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_NEAR.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
async def test_whatever_is_sent_the_fault_is_never_ours(town: Town, send: Send, body: bytes) -> None:
    if "terminal" not in vars(town):
        vars(town)["terminal"] = await town.add_terminal()
    answer = await send(vars(town)["terminal"], body)
    assert answer.status_code in (200, 400, 422, 429)
    assert answer.json()["seq" if answer.status_code == 200 else "code"] is not None

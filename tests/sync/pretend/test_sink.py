from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import signature
from sync.clock import now
from sync.pretend.little_http import Request, serving
from sync.pretend.sink import PATH, Reference, Sink, checker
from sync.signature import PrivateKey, SigningKey, signing_key

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
PRIVATE = PrivateKey(Ed25519PrivateKey.from_private_bytes(b"p" * 32))
BODY = json.dumps({"type": "token.active", "data": "Ģirts"}, ensure_ascii=False).encode()
BOTH: tuple[SigningKey, ...] = (signing_key(SECRET), PRIVATE)


def sink() -> Sink:
    return Sink([checker(SECRET), checker(PRIVATE.public().to_text())])


def signed(
    keys: Iterable[SigningKey] = BOTH, body: bytes = BODY, name: str = "m1", at: datetime | None = None
) -> Request:
    headers = signature.sign(keys, name, at or now(), body)
    return Request("POST", PATH, headers, body)


async def test_both_signatures_are_checked_and_a_repetition_is_seen() -> None:
    receiver = sink()
    assert isinstance(checker(SECRET), Reference)
    answers = [(await receiver.answer(request)).status for request in (signed(), signed(), signed(name="m2"))]
    assert answers == [204] * 3
    assert dict(receiver.counts) == {"v1": 3, "v1a": 3, "received": 2, "again": 1}
    assert dict(receiver.topics) == {"token.active": 2}


@pytest.mark.parametrize("keys", [BOTH[:1], BOTH[1:]])
async def test_one_good_signature_is_enough_where_no_other_is_presented(keys: tuple[SigningKey, ...]) -> None:
    assert (await sink().answer(signed(keys))).status == 204


FAULTS: dict[str, Callable[[], Request]] = {
    "foreign v1": lambda: signed((signing_key("whsec_" + base64.b64encode(b"x" * 32).decode()), PRIVATE)),
    "foreign v1a": lambda: signed((BOTH[0], PrivateKey(Ed25519PrivateKey.generate()))),
    "old": lambda: signed(at=now() - timedelta(minutes=10)),
    "changed": lambda: Request("POST", PATH, signed().headers, BODY + b" "),
    "malformed": lambda: Request("POST", PATH, {**signed().headers, "webhook-signature": "v1 v1a"}, BODY),
    "unsigned": lambda: Request("POST", PATH, {}, BODY),
}


@pytest.mark.parametrize("made", FAULTS.values(), ids=FAULTS.keys())
async def test_any_signature_that_does_not_fit_is_refused(made: Callable[[], Request]) -> None:
    receiver = sink()
    assert (await receiver.answer(made())).status == 401
    assert dict(receiver.counts) == {"refused": 1}


async def test_a_body_that_is_no_event_and_another_address_are_told_apart() -> None:
    assert (await sink().answer(signed(body=b"[]"))).status == 400
    assert (await sink().answer(Request("POST", "/", {}, b""))).status == 404


async def test_it_answers_over_a_real_connection() -> None:
    receiver = sink()
    async with serving(receiver.answer) as address, httpx.AsyncClient() as http:
        request = signed()
        answer = await http.post(f"{address}{PATH}", content=request.body, headers=dict(request.headers))
    assert (answer.status_code, receiver.counts["received"]) == (204, 1)

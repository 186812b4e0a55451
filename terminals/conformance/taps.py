"""Taps with a connection: decided, recorded before they are answered, the same request answered alike for ever."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from terminals import clock
from terminals.conformance.backend import FARE, Backend
from terminals.conformance.clause import NotTried, expect, part

TAPS = part("V")
_ANSWER = {
    "seq",
    "verdict",
    "reason",
    "payable",
    "discount",
    "companions",
    "check_photo",
    "quota_left",
    "list_seq",
    "use",
    "text",
}
_TOGETHER = 20


def _good(backend: Backend) -> str:
    if backend.samples.good is None:
        raise NotTried("a good token")
    return backend.samples.good


def _read(answer: httpx.Response) -> dict[str, Any]:
    expect(answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}")
    content: dict[str, Any] = answer.json()
    return content


@TAPS.clause(1, "Without a bearer token, or with one that was not given, the answer is 401.")
async def _nobody(backend: Backend) -> None:
    body = backend.body(None)
    for header in ("", "Bearer nobody"):
        answer = await backend.post("/v1/validations", body, authorization=header)
        expect(answer.status_code == 401, answer.status_code)


@TAPS.clause(2, "The answer has the documented members and no other, and amounts are texts in euros.")
async def _members(backend: Backend) -> None:
    content = _read(await backend.tap(None))
    expect(set(content) == _ANSWER, sorted(set(content) ^ _ANSWER))
    expect(isinstance(content["payable"], str) and isinstance(content["discount"], str), content["payable"])
    expect(set(content["text"]) == {"lv", "en"}, content["text"])


@TAPS.clause(3, "A good token is accepted, and never costs more than the full price.")
async def _accepts(backend: Backend) -> None:
    content = _read(await backend.tap(_good(backend)))
    expect(content["verdict"] in ("ACCEPT", "ACCEPT_WARN"), f"{content['verdict']} {content['reason']}")
    expect(0 <= Decimal(content["payable"]) <= Decimal(FARE), content["payable"])
    expect(content["use"] is not None, "no use")


@TAPS.clause(4, "The same bytes again get the same answer, byte for byte.")
async def _same(backend: Backend) -> None:
    body = backend.body(None)
    first, second = await backend.post("/v1/validations", body), await backend.post("/v1/validations", body)
    expect(first.content == second.content, second.text[:200])


@TAPS.clause(5, "The same bytes sent many times at once get one answer.")
async def _at_once(backend: Backend) -> None:
    body = backend.body(backend.samples.good)
    answers = await asyncio.gather(*(backend.post("/v1/validations", body) for _ in range(_TOGETHER)))
    taken = {answer.content for answer in answers if answer.status_code != 503}
    expect(len(taken) == 1, f"{len(taken)} different answers")


@TAPS.clause(6, "Another body under a number that was answered is refused (422).")
async def _reused(backend: Backend) -> None:
    await backend.tap(None)
    answer = await backend.tap(None, seq=backend.seq, gross="1.00")
    expect(answer.status_code == 422, answer.status_code)


@TAPS.clause(7, "A blocked token is denied with TOKEN_BLOCKED.")
async def _blocked(backend: Backend) -> None:
    if backend.samples.blocked is None:
        raise NotTried("a blocked token")
    content = _read(await backend.tap(backend.samples.blocked))
    expect((content["verdict"], content["reason"]) == ("DENY", "TOKEN_BLOCKED"), content["reason"])


@TAPS.clause(8, "A text that is no token is denied with MALFORMED, at the full price.")
async def _foreign(backend: Backend) -> None:
    for text in ("AM1:NOT BASE45", "AM1:", "AM2:0", "https://example.com/"):
        content = _read(await backend.tap({"qr": text}))
        expect(content["verdict"] == "DENY", f"{text}: {content['verdict']}")
        expect(Decimal(content["payable"]) == Decimal(FARE), content["payable"])


@TAPS.clause(9, "A token with one character changed is denied.")
async def _forged(backend: Backend) -> None:
    text = _good(backend)
    forged = text[:-1] + ("0" if text[-1] != "0" else "1")
    content = _read(await backend.tap(forged))
    expect(content["verdict"] == "DENY", content["verdict"])


@TAPS.clause(10, "A body that is no JSON is 400, one with an unknown member or a wrong type 422 with a pointer.")
async def _bodies(backend: Backend) -> None:
    broken = await backend.post("/v1/validations", b"{")
    expect(broken.status_code == 400, broken.status_code)
    for changed in ({"colour": "red"}, {"gross": 0.85}, {"companions": -1}):
        answer = await backend.tap(None, **changed)
        expect(answer.status_code == 422, f"{changed}: {answer.status_code}")
        expect("pointer" in answer.json(), answer.text[:200])


@TAPS.clause(11, "A body beyond any tap is 413, one of another type 415.")
async def _oversized(backend: Backend) -> None:
    large = json.dumps({"token": "A" * 2_000_000}).encode()
    expect((await backend.post("/v1/validations", large)).status_code == 413, "a body of 2 MB is taken")
    answer = await backend.post("/v1/validations", backend.body(None), "text/plain")
    expect(answer.status_code == 415, answer.status_code)


@TAPS.clause(12, "A tap by a clock that is a year off is answered, and the doubt is told.")
async def _clock(backend: Backend) -> None:
    content = _read(await backend.tap(backend.samples.good, at=clock.now() - timedelta(days=365)))
    expect(content["verdict"] == "DENY" or content["reason"] == "CLOCK", f"{content['verdict']} {content['reason']}")


@TAPS.clause(13, "A use can be taken back once (404 for no use, 409 the second time).")
async def _taken_back(backend: Backend) -> None:
    none = await _reverse(backend, 2**53 - 1)
    expect(none.status_code == 404, none.status_code)
    content = _read(await backend.tap(_good(backend)))
    first, second = await _reverse(backend, content["seq"]), await _reverse(backend, content["seq"])
    expect((first.status_code, second.status_code) == (200, 409), (first.status_code, second.status_code))


async def _reverse(backend: Backend, use_seq: int) -> httpx.Response:
    content = {"seq": backend.next(), "use_seq": use_seq}
    return await backend.post("/v1/validations/reverse", json.dumps(content).encode())

"""Taps decided without a connection: uploaded later, stored as facts, exactly once."""

import json
from hashlib import sha256
from typing import Any

import httpx

from terminals import clock
from terminals.conformance.backend import FARE, Backend
from terminals.conformance.clause import expect, part

BATCHES = part("B")
MOST_LINES = 1_000
_PATH = "/v1/validations/batch"
_LINES = "application/x-ndjson"
_NOTHING_BEFORE = "0" * 64


def _denied(backend: Backend, **changed: Any) -> dict[str, Any]:
    """A tap that a terminal denied alone."""
    seq = backend.next()
    said = {"seq": seq, "sha": sha256(str(seq).encode()).hexdigest(), "prev": _NOTHING_BEFORE}
    asked = {"at": clock.now().isoformat(), "token": None, "proof": "none", "gross": FARE, "product": "single"}
    found = {"companions": 0, "verdict": "DENY", "reason": "NO_ENTITLEMENT", "payable": FARE, "accompanied": 0}
    return said | asked | found | {"check_photo": False} | changed


async def _send(backend: Backend, *lines: object) -> httpx.Response:
    return await backend.post(_PATH, b"".join(json.dumps(line).encode() + b"\n" for line in lines), _LINES)


def _read(answer: httpx.Response, expected: int) -> list[dict[str, Any]]:
    expect(answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}")
    lines = [json.loads(line) for line in answer.text.splitlines() if line]
    expect(len(lines) == expected, f"{len(lines)} lines")
    return lines


@BATCHES.clause(1, "Each line of a batch is answered by a line, in its order, and what is new is recorded.")
async def _recorded(backend: Backend) -> None:
    sent = [_denied(backend), _denied(backend)]
    told = _read(await _send(backend, *sent), 2)
    expect([line["seq"] for line in told] == [line["seq"] for line in sent], told)
    expect(all(line["outcome"] == "recorded" for line in told), told)


@BATCHES.clause(2, "The same lines again are known, and nothing is recorded twice.")
async def _known(backend: Backend) -> None:
    line = _denied(backend)
    first, second = _read(await _send(backend, line), 1), _read(await _send(backend, line), 1)
    expect((first[0]["outcome"], second[0]["outcome"]) == ("recorded", "known"), second)


@BATCHES.clause(3, "A line that cannot be taken is refused alone, with a code.")
async def _refused_alone(backend: Backend) -> None:
    told = _read(await _send(backend, {"seq": "one"}, _denied(backend)), 2)
    expect([line["outcome"] for line in told] == ["refused", "recorded"], told)
    expect(bool(told[0].get("code")), told[0])


@BATCHES.clause(4, "Another tap under a number that is known is refused.")
async def _reused(backend: Backend) -> None:
    line = _denied(backend)
    await _send(backend, line)
    told = _read(await _send(backend, line | {"sha": _NOTHING_BEFORE}), 1)
    expect(told[0]["outcome"] == "refused", told)


@BATCHES.clause(5, "More lines than 1,000 are 413, another type is 415.")
async def _too_many(backend: Backend) -> None:
    answer = await backend.post(_PATH, b"{}\n" * (MOST_LINES + 1), _LINES)
    expect(answer.status_code == 413, answer.status_code)
    other = await backend.post(_PATH, b"{}\n", "text/plain")
    expect(other.status_code == 415, other.status_code)


@BATCHES.clause(6, "What was decided alone is known to the online address too: its number is used.")
async def _one_space(backend: Backend) -> None:
    line = _denied(backend)
    await _send(backend, line)
    answer = await backend.tap(None, seq=line["seq"])
    expect(answer.status_code == 422, answer.status_code)

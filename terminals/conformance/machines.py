"""Machines: a one-time code, a key of the terminal's own, a short bearer token."""

from datetime import timedelta

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from cards.bearer import Pairing
from cards.jwk import jwk, thumbprint
from terminals import clock
from terminals.conformance.backend import Backend
from terminals.conformance.clause import NotTried, expect, part

PAIRING = part("M")
_PATH = "/machine/v1/pair"


async def _pair(backend: Backend, code: str) -> httpx.Response:
    content = {"code": code, "jwk": jwk(backend.key.public_key())}
    return await backend.http.post(backend.url + _PATH, json=content)


@PAIRING.clause(1, "A pairing code that was not given is refused with 400.")
async def _wrong_code(backend: Backend) -> None:
    answer = await _pair(backend, "0000-0000-0000")
    expect(answer.status_code == 400, answer.status_code)


@PAIRING.clause(
    2, "Pairing answers with the machine, the number of the pairing and the RFC 7638 thumbprint of the key."
)
async def _pairs(backend: Backend) -> None:
    answer = await _pair(backend, backend.code)
    expect(answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}")
    content = answer.json()
    expect({"machine_id", "pairing", "fingerprint"} <= set(content), sorted(content))
    expect(content["fingerprint"] == thumbprint(backend.key.public_key()), content["fingerprint"])
    known = {name: content[name] for name in ("machine_id", "pairing", "fingerprint")}
    backend.pairing = Pairing(backend.url, **known, root=content.get("root", ""))


@PAIRING.clause(3, "A pairing code works once.")
async def _once(backend: Backend) -> None:
    answer = await _pair(backend, backend.code)
    expect(answer.status_code == 400, answer.status_code)


@PAIRING.clause(4, "Until a person has approved the fingerprint, no token is given (401).")
async def _unapproved(backend: Backend) -> None:
    answer = await backend.ask_token(_paired(backend).statement())
    expect(answer.status_code == 401, answer.status_code)


APPROVED = part("M")


@APPROVED.clause(5, "A signed assertion gets a bearer token and is told for how many seconds it is good.")
async def _token(backend: Backend) -> None:
    answer = await backend.ask_token(_paired(backend).statement())
    expect(answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}")
    content = answer.json()
    expect(isinstance(content.get("expires_in"), int) and 0 < content["expires_in"] <= 3600, content.get("expires_in"))
    backend.bearer = str(content["access_token"])


@APPROVED.clause(6, "An assertion is good once.")
async def _assertion_once(backend: Backend) -> None:
    statement = _paired(backend).statement()
    first, second = await backend.ask_token(statement), await backend.ask_token(statement)
    expect((first.status_code, second.status_code) == (200, 401), (first.status_code, second.status_code))


@APPROVED.clause(7, "An assertion of another key is refused (401).")
async def _foreign_key(backend: Backend) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    answer = await backend.ask_token(_paired(backend).statement(key=stranger))
    expect(answer.status_code == 401, answer.status_code)


@APPROVED.clause(8, "An assertion that has ended is refused (401).")
async def _old(backend: Backend) -> None:
    answer = await backend.ask_token(_paired(backend).statement(at=clock.now() - timedelta(minutes=10)))
    expect(answer.status_code == 401, answer.status_code)


def _paired(backend: Backend) -> Backend:
    if backend.pairing is None:
        raise NotTried("a pairing")
    return backend

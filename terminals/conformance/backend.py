"""The backend under trial, as one terminal of the kit sees it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from cards.bearer import Pairing, assertion
from terminals import clock

FARE = "0.85"
_GRANT = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}


@dataclass(frozen=True, slots=True)
class Samples:
    """Tokens that the operator of the backend names for the trial; what is not given is not tried.

    `good` has a right at the terminal's place, `blocked` had one. Both as a terminal reads them: a QR text or a number.
    """

    good: str | None = None
    blocked: str | None = None


@dataclass(slots=True)
class Backend:
    """One terminal's view: the address, its key, its pairing once there is one, its bearer, its counter."""

    url: str
    http: httpx.AsyncClient
    code: str
    samples: Samples = Samples()
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    pairing: Pairing | None = None
    bearer: str = ""
    seq: int = 0

    def next(self) -> int:
        """The next sequence number."""
        self.seq += 1
        return self.seq

    def statement(self, **changed: Any) -> str:
        """A client assertion of now; `key`, `at` as given."""
        assert self.pairing is not None
        return assertion(self.pairing, changed.get("key", self.key), changed.get("at", clock.now()))

    async def ask_token(self, statement: str) -> httpx.Response:
        """Asks for a bearer token with a client assertion."""
        return await self.http.post(f"{self.url}/machine/v1/token", data=_GRANT | {"client_assertion": statement})

    async def post(self, path: str, content: bytes, kind: str = "application/json", **headers: str) -> httpx.Response:
        """Posts bytes with the bearer; a header given as "" is left out."""
        sent = {"authorization": f"Bearer {self.bearer}", "content-type": kind} | headers
        return await self.http.post(self.url + path, content=content, headers={k: v for k, v in sent.items() if v})

    async def get(self, path: str, params: Mapping[str, str | int] | None = None, **headers: str) -> httpx.Response:
        """Gets an address with the bearer."""
        sent = {"authorization": f"Bearer {self.bearer}"} | headers
        return await self.http.get(self.url + path, params=params, headers=sent)

    async def tap(self, token: object, **changed: Any) -> httpx.Response:
        """Asks about one tap."""
        return await self.post("/v1/validations", self.body(token, **changed))

    def body(self, token: object, **changed: Any) -> bytes:
        """The body of one tap with the next number; members may be changed or added."""
        at: datetime = changed.pop("at", clock.now())
        content = {"seq": self.next(), "token": token, "at": at.isoformat(), "gross": FARE} | changed
        return json.dumps(content).encode()

"""A backend in small that keeps the terminals' contract in memory, over the test bundle, and can be away or slow."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from cards import cbor
from cards.jwk import base64url
from cards.pair import pair
from terminals.agent import Terminal
from terminals.clock import Clock
from terminals.line import digest
from tests.terminals.bundle.publisher import MACHINE, ROOT_KEY, Publisher

URL = "http://amis.test"


@dataclass
class Backend:
    """`away`: nothing is answered; `slow`: seconds before each answer; `lose`: it is done, and the answer is lost.

    `faults` replace the answer of a path by a status; `refuses` are numbers whose lines are not taken.
    """

    publisher: Publisher = field(default_factory=Publisher)
    away: bool = False
    slow: float = 0
    lose: bool = False
    revoked: bool = False
    faults: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    taps: dict[int, bytes] = field(default_factory=dict)
    lines: dict[int, bytes] = field(default_factory=dict)
    refuses: set[int] = field(default_factory=set)
    chain: list[str] = field(default_factory=lambda: ["0" * 64])
    deltas: dict[int, bytes] = field(default_factory=dict)
    streams: list[bytes] = field(default_factory=list)
    presences: list[dict[str, Any]] = field(default_factory=list)
    reserves: dict[str, int] = field(default_factory=dict)
    quota_left: int | None = None
    payable: str = "0.0000"
    bearers: int = 0

    @property
    def at(self) -> datetime:
        """The present moment."""
        return self.publisher.at

    def http(self) -> httpx.AsyncClient:
        """A client that reaches nothing else."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    async def terminal(self, home: Path, clock: Clock | None = None, passphrase: str = "") -> Terminal:
        """A paired terminal of this backend."""
        http = self.http()
        if not (home / "pairing.json").exists():
            away, self.away = self.away, False
            await pair(URL, "code", home, http)
            self.away = away
        return Terminal(home, http, passphrase=passphrase, clock=clock or Clock(lambda: self.at), say=lambda _: None)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """What is answered to a request."""
        path = request.url.path
        self.asked.append(path)
        await asyncio.sleep(self.slow)
        if self.away:
            raise httpx.ConnectError("no route")
        fault = self.faults.get(path)
        if fault is not None:
            return httpx.Response(fault, json={"detail": "as told"})
        response = self._answers(path)(request)
        if self.lose and not path.startswith("/machine"):
            raise httpx.ReadError("cut off")
        return response

    def _answers(self, path: str) -> Callable[[httpx.Request], httpx.Response]:
        if path.startswith("/terminal/v1/parts/"):
            return lambda request: httpx.Response(200, content=self.publisher.objects[request.url.raw_path.decode()])
        if path.endswith("/return"):
            return self._returned
        return {
            "/machine/v1/pair": self._paired,
            "/machine/v1/token": self._bearer,
            "/v1/validations": self._tap,
            "/v1/validations/batch": self._batch,
            "/v1/reserves": self._reserve,
            "/terminal/v1/manifest": self._manifest,
            "/terminal/v1/changes": self._changes,
            "/terminal/v1/stream": self._stream,
            "/terminal/v1/presence": self._presence,
        }[path]

    def _paired(self, _: httpx.Request) -> httpx.Response:
        said = {"machine_id": MACHINE, "pairing": 1, "fingerprint": "f", "root": base64url(ROOT_KEY.der)}
        return httpx.Response(200, json=said)

    def _bearer(self, _: httpx.Request) -> httpx.Response:
        if self.revoked:
            return httpx.Response(401, json={"error": "invalid_client", "state": "revoked"})
        self.bearers += 1
        return httpx.Response(200, json={"access_token": f"b{self.bearers}", "expires_in": 900})

    def _tap(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        assert self.taps.setdefault(said["seq"], request.content) == request.content
        answer = {"seq": said["seq"], "verdict": "ACCEPT", "reason": "OK", "payable": self.payable, "companions": 0}
        answer |= {"quota_left": self.quota_left, "check_photo": False, "use": "u", "text": {"lv": "Labi", "en": "OK"}}
        return httpx.Response(200, json=answer)

    def _batch(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/x-ndjson"
        told = [self._line(line) for line in request.content.split(b"\n")[:-1]]
        return httpx.Response(200, content=b"".join(json.dumps(line).encode() + b"\n" for line in told))

    def _line(self, line: bytes) -> dict[str, Any]:
        said = json.loads(line)
        if said["seq"] in self.refuses:
            return {"seq": said["seq"], "outcome": "refused", "code": "invalid", "detail": "as told"}
        if said["seq"] in self.lines:
            assert self.lines[said["seq"]] == line
            return {"seq": said["seq"], "outcome": "known", "use": None, "conflicts": []}
        if not self.refuses:
            assert said["prev"] == self.chain[-1]
        self.chain.append(digest(line))
        self.lines[said["seq"]] = line
        return {"seq": said["seq"], "outcome": "recorded", "use": None, "conflicts": []}

    def _reserve(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        name = f"00000000-0000-7000-8000-{said['seq']:012}"
        self.reserves[name] = said["units"]
        code = self.publisher.policy.concessions[said["concession"]][0].code
        given = {"reserve": name, "code": code, "window": f"{self.at:%Y-%m-01}", "units": said["units"]}
        return httpx.Response(200, json=given | {"until": said["until"]})

    def _returned(self, request: httpx.Request) -> httpx.Response:
        name, used = request.url.path.split("/")[3], json.loads(request.content)["used"]
        self.reserves[name] -= used
        return httpx.Response(200, json={"reserve": name, "returned": self.reserves[name]})

    def _manifest(self, request: httpx.Request) -> httpx.Response:
        tag = f'"{self.publisher.seq}"'
        if request.headers.get("if-none-match") == tag:
            return httpx.Response(304)
        return httpx.Response(200, content=self.publisher.manifest(), headers={"etag": tag})

    def _changes(self, request: httpx.Request) -> httpx.Response:
        since = int(request.url.params["since"])
        if self.deltas and since < min(self.deltas):
            return httpx.Response(410)
        found: list[cbor.Value] = [delta for before, delta in sorted(self.deltas.items()) if before >= since]
        return httpx.Response(200, content=cbor.encode(found)) if found else httpx.Response(204)

    def _stream(self, _: httpx.Request) -> httpx.Response:
        if not self.streams:
            return httpx.Response(404)
        return httpx.Response(200, content=b"".join(self.streams), headers={"content-type": "text/event-stream"})

    def _presence(self, request: httpx.Request) -> httpx.Response:
        self.presences.append(json.loads(request.content))
        return httpx.Response(200, json={"now": self.at.isoformat(), "skew_ms": 0})

    def block(self, status_list: int, index: int) -> bytes:
        """Blocks a token: the delta about it."""
        before = self.publisher.seq
        self.deltas[before] = self.publisher.delta({status_list: {index: 2}})
        return self.deltas[before]


def event(name: str, content: bytes, number: int = 0) -> bytes:
    """One server-sent event."""
    return f"event: {name}\nid: {number}\ndata: {b64encode(content).decode()}\n\n".encode()

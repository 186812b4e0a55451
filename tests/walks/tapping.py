"""Terminals without a journal: a request is bytes that a test keeps, sends, and sends again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from amis.demo.town import approve_terminal, install_terminal
from amis.kernel import clock
from cards.bearer import Pairing, assertion
from cards.pair import pair, paired
from terminals.message import Answer, Tap, read_answer
from tests.town import FARE, Site, needy

_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_numbers = count(1)


@dataclass(slots=True)
class Holder:
    """Somebody with a token: the personal code, the token's id and what it shows."""

    code: str
    token: UUID
    shown: str


@dataclass(slots=True)
class Terminal:
    """One paired terminal and its sequence of requests."""

    site: Site
    pairing: Pairing
    key: ec.EllipticCurvePrivateKey
    bearer: str = ""
    seq: int = 0

    def ask(self, shown: str) -> tuple[int, bytes]:
        """The next request, now."""
        self.seq += 1
        return self.seq, Tap(shown, clock.now(), FARE).body(self.seq)

    async def post(self, body: bytes) -> bytes | None:
        """The answer's bytes; None when none came and the same bytes are to be sent again."""
        try:
            headers = {"authorization": f"Bearer {self.bearer}", "content-type": "application/json"}
            answer = await self.site.http.post(f"{self.site.url}/v1/validations", content=body, headers=headers)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                await self.identify()
        except httpx.TransportError:
            return None
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.SERVICE_UNAVAILABLE):
            return None
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.content

    async def tap(self, shown: str, *, patiently: bool = False) -> Answer:
        """One tap that the service has to answer at once, or `patiently` whenever it is no longer too busy."""
        _, body = self.ask(shown)
        while (content := await self.post(body)) is None:
            assert patiently
            await asyncio.sleep(0.01)
        return read_answer(content)

    async def identify(self) -> None:
        """Gets a bearer token for the next 15 minutes."""
        form = {"client_assertion_type": _BEARER, "grant_type": "client_credentials"}
        form["client_assertion"] = assertion(self.pairing, self.key, clock.now())
        response = await self.site.http.post(f"{self.site.url}/machine/v1/token", data=form)
        assert response.status_code == httpx.codes.OK, response.text
        self.bearer = response.json()["access_token"]


async def terminals(site: Site, number: int) -> list[Terminal]:
    """Newly paired and approved terminals of the bus company."""
    made = []
    for _ in range(number):
        machine_id, code = await install_terminal(site.town, f"bus {next(_numbers)}")
        home = site.home / str(machine_id)
        await pair(site.url, code, home, site.http)
        await approve_terminal(machine_id)
        terminal = Terminal(site, *paired(home))
        await terminal.identify()
        made.append(terminal)
    return made


async def holders(site: Site, status: str, number: int) -> list[Holder]:
    """So many people to whom the social system gave a status today, each with a QR token."""
    codes = [f"33{next(_numbers):09}" for _ in range(number)]
    for some in _batches(codes):
        applied = await site.states(*(stated(code, 1, status=status) for code in some))
        assert applied == ["applied"] * len(some)
    return [Holder(code, *await site.issue(code)) for code in codes]


def _batches(codes: Sequence[str], size: int = 200) -> list[Sequence[str]]:
    """The codes in parts that fit into one message."""
    return [codes[start : start + size] for start in range(0, len(codes), size)]


def stated(code: str, version: int, *, status: str, op: str = "upsert") -> dict[str, object]:
    """The record of that person in the social system: the status from today on for ninety days."""
    today = clock.today()
    return needy(f"R-{code}", version, today, today + timedelta(days=90), code=code, status=status, op=op)

"""From a status that the social system pushes to the decision that it changes; and from a block to the next refusal."""

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from amis.concessions.seed_lv import JELGAVA
from amis.demo.town import SOURCE
from amis.issuing import service as issuing
from amis.issuing.models import Token
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.register.store import find_by_code
from cards.number import number_text
from sync import signature
from sync.message import STRUCTURED
from sync.population import Resident, population
from tests.bench.numbers import percentile
from tests.bench.people import Terminal, install
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.bench.stage import Stage, service

_GROWN_UP = date(2008, 1, 1)
_STATUS = "REPR"
"""A status that grants by itself, whatever the age."""
GAINED, LOST, BLOCKED = "status pushed -> right gained", "status withdrawn -> right lost", "blocked -> refused"
NOTES = (
    "From the start of the signed POST /sync/v1/events (one event, Standard Webhooks HMAC) to the answer of the "
    "validation sent right after it; verification, fact, rules, rights, ledger, audit and outbox in one transaction "
    "between them. One sender, one terminal, both through httpx.",
    "Block: from the start of the transaction that blocks the token to the answer of the very next validation.",
)


@dataclass(slots=True)
class Sender:
    """The sender's side of one service; the client knows its address."""

    http: httpx.AsyncClient
    key: signature.SigningKey
    versions: dict[str, int] = field(default_factory=dict)

    async def push(self, who: Resident, op: str) -> None:
        """Sends one signed event and expects it to be applied."""
        body = json.dumps(self._event(who, op)).encode()
        signed = signature.sign([self.key], f"msg_{new_id()}", clock.now(), body)
        answer = await self.http.post("/sync/v1/events", content=body, headers={**signed, "content-type": STRUCTURED})
        if answer.status_code != 200 or answer.json()["verdicts"][0]["verdict"] != "applied":
            raise RuntimeError(f"the notice was not applied: {answer.text}")

    def _event(self, who: Resident, op: str) -> dict[str, Any]:
        version = self.versions[who.code] = self.versions.get(who.code, 0) + 1
        person = {"code": who.code, "given_name": who.given_name, "family_name": who.family_name}
        data = {
            "record_id": f"bench-{who.household}-{who.code}",
            "version": version,
            "op": op,
            "person": person | {"birth_date": who.birth_date.isoformat()},
            "status": _STATUS,
            "valid_from": "2020-01-01",
            "valid_to": None,
        }
        return {
            "specversion": "1.0",
            "id": str(new_id()),
            "source": SOURCE,
            "type": "status.fact.v1",
            "time": clock.now().isoformat(),
            "data": data,
        }


@dataclass(slots=True)
class _Doors:
    """The sender's and the terminal's side of one service."""

    http: httpx.AsyncClient
    sender: Sender
    terminal: Terminal
    seq: int = 0

    async def tap(self, token: Token) -> str:
        """Validates once; returns the reason."""
        self.seq += 1
        body = {"seq": self.seq, "token": number_text(token.number), "at": clock.now().isoformat(), "gross": "0.85"}
        bearer = {"authorization": f"Bearer {self.terminal.bearer}"}
        answer = await self.http.post("/v1/validations", json=body, headers=bearer)
        return str(answer.json().get("reason", answer.text))


def adults(count: int) -> Sequence[Resident]:
    """So many people: small children have a right of the state beside a status, which ends otherwise."""
    households = population(7, 2 * count, date(2026, 1, 1))
    return [one for household in households for one in household.members if one.birth_date < _GROWN_UP][:count]


async def push(on: Stage, scale: Scale) -> Section:
    """A person each round: the status is withdrawn, stated again, and the token is blocked."""
    people = adults(scale.pushes)
    took: dict[str, list[float]] = {LOST: [], GAINED: [], BLOCKED: []}
    wrong: list[str] = []
    with service(on) as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as http:
            sender = Sender(http, signature.signing_key(on.town.sender_key))
            doors = _Doors(http, sender, install(on, 1)[0])
            for who in people:
                await _round(doors, who, took, wrong)
    return _section(took, wrong)


async def _round(doors: _Doors, who: Resident, took: dict[str, list[float]], wrong: list[str]) -> None:
    await doors.sender.push(who, "upsert")
    token = await _token(who)
    steps: tuple[tuple[str, Callable[[], Awaitable[None]], str], ...] = (
        (LOST, lambda: doors.sender.push(who, "withdraw"), "NO_ENTITLEMENT"),
        (GAINED, lambda: doors.sender.push(who, "upsert"), "OK"),
        (BLOCKED, lambda: _block(token), "TOKEN_BLOCKED"),
    )
    for name, change, expected in steps:
        began = time.perf_counter()
        await change()
        reason = await doors.tap(token)
        took[name].append(1000 * (time.perf_counter() - began))
        if reason != expected:
            wrong.append(f"{name}: {reason}")


async def _token(who: Resident) -> Token:
    async with transaction(system("bench", JELGAVA)) as tx:
        person = await find_by_code(tx, who.code)
        assert person is not None
        return await issuing.issue_qr(tx, person)


async def _block(token: Token) -> None:
    async with transaction(system("bench", JELGAVA)) as tx:
        await issuing.block(tx, token.id, "lost")


def _section(took: dict[str, list[float]], wrong: Sequence[str]) -> Section:
    rows = [(name, len(ms), percentile(ms, 50), percentile(ms, 99), max(ms)) for name, ms in took.items()]
    goals = [Goal(f"{name}, p99 ms", percentile(took[name], 99), 100) for name in (GAINED, LOST)]
    goals.append(Goal("decisions that had not changed by the next validation", len(wrong), 0))
    columns = ("change", "rounds", "p50 ms", "p99 ms", "longest ms")
    return Section("From a change to the decision", columns, rows, goals, (*NOTES, *wrong[:5]))

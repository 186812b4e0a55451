"""The main walk, played once on the running service: from a status in the social system to a line in the report."""

import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from psycopg import AsyncConnection
from rich.console import Console
from rich.markup import escape

from amis.concessions.seed_lv import JELGAVA
from amis.demo.bus import Bus
from amis.demo.card_desk import card_file, make_card
from amis.demo.memory import Memory as Kept
from amis.demo.town import FARE, SOURCE
from amis.granting.store import live_entitlements
from amis.intake.api import EVENTS
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.issuing.models import Token
from amis.kernel import checkpoint, clock
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import AUDIT, keystore
from amis.kernel.process import database_url, witness_file
from amis.kernel.settings import Settings
from amis.kernel.verify import verify
from amis.register.store import find_by_code
from amis.reporting.figures import Sums, added
from amis.reporting.scope import usual
from amis.reporting.store import lines
from amis.validating.conflict_store import list_conflicts
from amis.worker import SOURCES
from cards.simcard.keeping import read_card
from rules.claim import Memory
from rules.reason import Reason
from sync import signature
from sync.message import STRUCTURED
from sync.notice import Op
from sync.personal_code import draw_newer
from terminals.card import shown
from terminals.message import Answer, CardShown, Tap
from terminals.shown import read
from terminals.validate import decide_offline

_CLERK = system("demo", JELGAVA)
_PURPOSE = "demo"
_MILLISECOND = 1e-3


class WalkFailed(RuntimeError):
    """A step of the walk ended otherwise than it must."""


@dataclass(slots=True)
class Walk:
    """One walk of one made-up person of working age; each step says in a line what happened."""

    settings: Settings
    kept: Kept
    bus: Bus
    http: httpx.AsyncClient
    code: str = field(default_factory=lambda: draw_newer(secrets.SystemRandom()), repr=False)
    record: str = field(default_factory=lambda: f"WALK-{new_id()}")
    version: int = 0
    person: UUID | None = None
    token: UUID | None = None
    card: UUID | None = None
    shown: str = field(default="", repr=False)
    before: Sums = field(default_factory=lambda: added(()))

    async def play(self, console: Console) -> None:
        """Plays all steps, each a line with its milliseconds.

        Raises:
            WalkFailed: with what was seen instead.
        """
        self.before = await _sums()
        for title, step in STEPS:
            began = time.perf_counter()
            seen = await step(self)
            took = (time.perf_counter() - began) / _MILLISECOND
            console.print(f"{took:8.1f} ms  [bold]{title}[/bold]: {escape(seen)}", highlight=False, soft_wrap=True)

    async def push(self, op: Op) -> str:
        """The social system states, or takes back, that the person is needy."""
        self.version += 1
        body = json.dumps(self._event(op)).encode()
        keys = [signature.signing_key(self.kept.sender_key)]
        headers = signature.sign(keys, f"msg_{new_id().hex}", clock.now(), body) | {"content-type": STRUCTURED}
        response = await self.http.post(f"{self.settings.public_url}{EVENTS}", content=body, headers=headers)
        _expect(response.status_code == httpx.codes.OK, response.text)
        verdict = str(response.json()["verdicts"][0]["verdict"])
        _expect(verdict == "applied", response.text)
        return verdict

    async def tap(self, card: CardShown | None = None) -> Answer:
        """The bus asks about what the person shows, or about the card."""
        return await self.bus.terminal.validate(Tap(card or self.shown, clock.now(), Decimal(FARE)))

    async def show(self, tx: Transaction, token: Token) -> None:
        """From now on the person shows this token."""
        self.token = token.id
        self.shown = (await tokens.open_credential(tx, token, _PURPOSE)).text

    def _event(self, op: Op) -> dict[str, Any]:
        today = clock.today()
        last = today + timedelta(days=90)
        person = {"code": self.code, "given_name": "Anna", "family_name": "Ozola", "birth_date": "1984-05-17"}
        decision = {"number": f"{today.year}/{self.record[-4:]}", "date": today.isoformat(), "authority": "JSLP"}
        data = {"record_id": self.record, "version": self.version, "op": op.value, "person": person}
        data |= {"status": "TRUCIGA", "valid_from": today.isoformat(), "valid_to": last.isoformat()}
        event = {"specversion": "1.0", "id": f"{self.record}-{self.version}", "source": SOURCE}
        event |= {"type": "status.fact.v1", "time": clock.now().isoformat()}
        return event | {"data": data | {"decision": decision}}


async def _sums() -> Sums:
    async with transaction(_CLERK) as tx:
        return added(await lines(tx, usual(clock.today())))


async def _status(walk: Walk) -> str:
    verdict = await walk.push(Op.UPSERT)
    async with transaction(_CLERK) as tx:
        walk.person = await find_by_code(tx, walk.code)
        _expect(walk.person is not None, "the person was not enrolled")
        live = await live_entitlements(tx, _known(walk.person), clock.today())
    _expect(len(live) == 1, f"{len(live)} entitlements")
    return f"{verdict}; the rule gives {live[0].rule.concession_code} on {live[0].periods}"


async def _issue(walk: Walk) -> str:
    async with transaction(_CLERK) as tx:
        token = await issuing.issue_qr(tx, _known(walk.person))
        await walk.show(tx, token)
    return f"{len(walk.shown)} characters, valid before {token.valid_to}"


async def _ride(walk: Walk) -> str:
    answer = await walk.tap()
    _expect(answer.accepted and answer.quota_left == 19, f"{answer.verdict} {answer.reason} {answer.quota_left}")
    return _said(answer)


async def _lost(walk: Walk) -> str:
    async with transaction(_CLERK) as tx:
        await issuing.block(tx, _known(walk.token), "lost")
    answer = await walk.tap()
    _expect(answer.reason == "TOKEN_BLOCKED", answer.reason)
    return _said(answer)


async def _replaced(walk: Walk) -> str:
    async with transaction(_CLERK) as tx:
        await walk.show(tx, await issuing.replace(tx, _known(walk.token), "lost"))
    answer = await walk.tap()
    _expect(answer.accepted and answer.quota_left == 18, f"{answer.verdict} {answer.reason} {answer.quota_left}")
    return _said(answer)


async def _card(walk: Walk) -> str:
    token, work = await make_card(_known(walk.person), UUID(walk.kept.desk))
    walk.card = token.id
    chip = work.uid.hex() if work.uid else ""
    return f"chip {chip}, {work.sent} commands; {token.state} before {token.valid_to}"


async def _card_ride(walk: Walk) -> str:
    await walk.bus.until(lambda: _alone_it_would_say(walk) is Reason.OK, "taken a bundle that knows the card")
    answer = await walk.tap(_read(walk))
    _expect(answer.accepted and answer.quota_left == 17, f"{answer.verdict} {answer.reason} {answer.quota_left}")
    return _said(answer)


async def _alone(walk: Walk) -> str:
    terminal = walk.bus.terminal
    walk.bus.network.cut()
    answer = await walk.tap(_read(walk))
    _expect(not answer.online and answer.quota_left == 16, f"{answer.verdict} {answer.reason} {answer.quota_left}")
    return f"{_said(answer)}, by bundle {terminal.holding.seq}"


async def _blocked_meanwhile(walk: Walk) -> str:
    async with transaction(_CLERK) as tx:
        await issuing.block(tx, _known(walk.card), "lost")
    answer = await walk.tap(_read(walk))
    _expect(answer.accepted, f"{answer.verdict} {answer.reason}")
    return _said(answer)


async def _together_again(walk: Walk) -> str:
    walk.bus.network.mend()
    terminal = walk.bus.terminal
    await walk.bus.until(lambda: not terminal.journal.unsent(), "sent what it decided alone")
    await walk.bus.until(lambda: _alone_it_would_say(walk) is Reason.TOKEN_BLOCKED, "heard of the block")
    async with transaction(_CLERK) as tx:
        found, _ = await list_conflicts(tx, terminal=UUID(walk.kept.terminal))
    flagged = [conflict.kind for conflict in found if conflict.token_id == walk.card]
    _expect(flagged == ["revoked_at_time"], str(flagged))
    return f"both uses kept, one flagged {flagged[0]}; the card is dead in bundle {terminal.holding.seq}"


async def _withdrawn(walk: Walk) -> str:
    await walk.push(Op.WITHDRAW)
    answer = await walk.tap()
    _expect(answer.reason == "NO_ENTITLEMENT", answer.reason)
    return _said(answer)


async def _reported(walk: Walk) -> str:
    now = await _sums()
    uses = now.uses - walk.before.uses
    # Other terminals of the town may be at work meanwhile.
    _expect(uses >= 5, f"{uses} uses more")
    return f"{uses} uses more, {now.uses} in all; full price {now.gross:.2f} EUR, discount {now.discount:.2f} EUR"


async def _audited(walk: Walk) -> str:
    url = database_url(walk.settings, "amis_worker")
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        publics = [checkpoint.raw(key) for key in keystore().publics(AUDIT)]
        seen = await verify(connection, publics, SOURCES, witness_file(walk.settings))
    _expect(not seen.findings, str(seen.findings[:3]))
    return f"{seen.leaves} leaves, {seen.checkpoints} signed checkpoints, nothing changed"


STEPS: tuple[tuple[str, Callable[[Walk], Awaitable[str]]], ...] = (
    ("The social system states: needy for 90 days", _status),
    ("The desk issues a QR token", _issue),
    ("The bus scans it", _ride),
    ("The token is lost and blocked; the next scan", _lost),
    ("The desk replaces it; the quota goes on", _replaced),
    ("The desk makes a card and hands it over", _card),
    ("The bus reads the chip; the same quota", _card_ride),
    ("The bus loses its network and decides alone", _alone),
    ("The card is blocked meanwhile; the bus cannot know", _blocked_meanwhile),
    ("The network is back", _together_again),
    ("The status is withdrawn; the next scan", _withdrawn),
    ("The report", _reported),
    ("The audit trail is verified", _audited),
)


def _said(answer: Answer) -> str:
    left = "" if answer.quota_left is None else f", {answer.quota_left} left"
    return f"{answer.verdict} {answer.reason}, to pay {answer.payable:.2f} of {FARE} EUR{left}"


def _alone_it_would_say(walk: Walk) -> Reason:
    holding, at = walk.bus.terminal.holding, clock.now()
    tap = Tap(_read(walk), at, Decimal(FARE))
    return decide_offline(tap, read(tap.token, holding, at), holding, Memory(), at).reason


def _read(walk: Walk) -> CardShown:
    return shown(read_card(card_file(walk.settings)).process)


def _known(identifier: UUID | None) -> UUID:
    if identifier is None:
        raise WalkFailed("a step before this one did not happen")
    return identifier


def _expect(held: bool, seen: str) -> None:
    if not held:
        raise WalkFailed(seen)

"""The same tap decided three times: by the service, by a terminal without a network, by the validator's JavaScript."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from playwright.async_api import Page
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.keys import keystore
from amis.validating.publisher import Publisher
from rules.shape import Json
from rules.wire import memory_to_json
from terminals.agent import Terminal, root_of
from terminals.alone import Asked, look_at
from terminals.bundle.saved import save
from terminals.fetch import Feed
from terminals.line import Outcome
from terminals.message import Answer, CardShown, Tap
from terminals.simulator.network import Network
from tests.terminals.bundle.test_saved import Shelf
from tests.terminals.core_page import ask
from tests.town import FARE, Site

Word = tuple[str, str, Decimal, int, bool]
"""Verdict, reason, to pay, companions, whether to look at the photo."""


@dataclass(frozen=True, slots=True)
class Told:
    """What each of the three says of one tap."""

    online: Word
    alone: Word
    script: Word


class ThreeWays(Site):
    """The town, whose bus has a twin without a network and a validator in the browser beside it.

    What the twin lets happen counts as sent at once: the bus itself has told the service of that ride.
    """

    def __init__(self, site: Site, twin: Terminal, network: Network, core: Page, worker: AsyncConnection) -> None:
        super().__init__(site.url, site.settings, site.town, site.http, site.home)
        self.told: list[Told] = []
        self.network = True
        """Whether the twin hears what is published."""
        self._twin = twin
        self._way = network
        network.cut()
        self._core = core
        self._worker = worker
        self._publisher = Publisher(keystore(), site.url)
        self._known: bytes | None = None
        self._feed = Feed(twin.link, lambda: twin.holding, clock.now, twin.keep)

    async def tap(
        self,
        shown: str | CardShown | None,
        at: datetime | None = None,
        gross: Decimal = FARE,
        companions: int = 0,
        **where: str,
    ) -> Answer:
        """As the bus is answered; what the other two say is kept."""
        if self.network:
            await self._catch_up()
        answer = await Site.tap(self, shown, at, gross, companions, **where)  # type: ignore[arg-type]  # a card too
        tap = Tap(shown, at or clock.now(), gross, companions=companions, **where)
        script, alone = await self._scripted(tap), await self._alone(tap)
        self.told.append(Told(_word(answer), _word(alone), script))
        return answer

    async def _catch_up(self) -> None:
        """The twin takes what is published up to now."""
        while await self._publisher.look(self._worker, clock.now()) is not None:
            pass
        self._way.mend()
        await self._feed.poll(0)
        self._way.cut()

    async def _alone(self, tap: Tap) -> Answer:
        answer = await self._twin.validate(tap)
        assert not answer.online
        sent = [Outcome(seq, "recorded", b"{}") for seq, _ in self._twin.journal.unsent()]
        self._twin.journal.sent(sent)
        return answer

    def _shelf(self) -> dict[str, str] | None:
        """The twin's bundle on disk; None where it is that of the tap before."""
        held, self._known = self._known, self._twin.holding.hash
        if held == self._known:
            return None
        shelf = Shelf()
        save(self._twin.holding, shelf)
        return {name: content.hex() for name, content in shelf.items()}

    async def _scripted(self, tap: Tap) -> Word:
        twin = self._twin
        asked = look_at(0, b"", tap, twin.holding, twin.clock)
        memory = twin.journal.memory(asked.evidence.who or "", asked.when, asked.evidence.replay_key)
        pairing = twin.link.pairing
        question = {
            "root": b64encode(root_of(pairing)).decode(),
            "machine": pairing.machine_id,
            "shelf": self._shelf(),
            "tap": _question(asked, memory_to_json(memory)),
        }
        decision: dict[str, Any] = (await ask(self._core, "alone", question))["decision"]
        paid, along = Decimal(decision["payable"]), decision["companions"]
        return decision["verdict"], decision["reason"], paid, along, decision["check_photo"]


def _question(asked: Asked, memory: Json) -> Json:
    tap = asked.tap
    token: object = tap.token
    if isinstance(tap.token, CardShown):
        card = tap.token
        token = {"uid": card.uid.hex(), "credential": b64encode(card.credential).decode(), "tier": card.tier}
    said = {"at": tap.at.isoformat(), "gross": f"{tap.gross:f}", "place": tap.place, "product": tap.product}
    return {
        "token": token,
        "tap": said | {"companions": tap.companions},
        "memory": memory,
        "at": asked.at.isoformat(),
        "clock_doubtful": asked.clock_doubtful,
    }


def _word(answer: Answer) -> Word:
    return answer.verdict, answer.reason, answer.payable, answer.companions, answer.check_photo

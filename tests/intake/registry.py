"""The other end of the wire: a social registry that signs what it tells, and takes what it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from amis.intake.senders import define_sender
from amis.intake.spdci_keys import add_registry_key
from amis.intake.spdci_peers import Agreement, define_registry
from amis.kernel import clock
from amis.kernel.db import transaction
from sync.mapping import Mapping, Meaning
from sync.spdci.ack import Ack, ack_from_json
from sync.spdci.envelope import write_envelope
from sync.spdci.key import PrivateKey, draw_key
from tests.intake.wire import TOWN
from tests.sync.spdci import samples

SOURCE = "sr/jelgava"
TABLE = Mapping(
    SOURCE,
    {"TRUCIGA": Meaning("needy", "yes"), "is_disabled=1": Meaning("disability", "II")},
    frozenset({"birth_date"}),
)
ADDRESS = {
    "notify": "/registry/notify",
    "on-search": "/registry/on-search",
    "on-subscribe": "/registry/on-subscribe",
    "on-unsubscribe": "/registry/on-unsubscribe",
    "txn-on-status": "/registry/txn/on-status",
}


@dataclass
class Peer:
    """A registry known to the town; `asked` are the messages that it was sent, `reply` what it says to one."""

    client: httpx.AsyncClient
    sender_id: UUID
    key: PrivateKey
    asked: list[dict[str, Any]] = field(default_factory=list)
    reply: Callable[[], httpx.Response] = lambda: httpx.Response(200, json=_acked())

    async def send(self, action: str, message: Any, /, **header: Any) -> Ack:
        """Sends a message, signed now, and reads its short answer."""
        answer = await self.post(action, write_envelope(self.key, _header(action, header), message, clock.now()))
        return ack_from_json(answer.json(), clock.now())

    async def post(self, action: str, body: bytes, content_type: str = "application/json") -> httpx.Response:
        """Sends bytes to the address of this action."""
        headers = {"content-type": content_type, "accept": "application/json"}
        return await self.client.post(ADDRESS[action], content=body, headers=headers)

    def http(self) -> httpx.AsyncClient:
        """The registry's own doors."""

        def take(request: httpx.Request) -> httpx.Response:
            self.asked.append({"path": request.url.path} | json.loads(request.content))
            return self.reply()

        return httpx.AsyncClient(transport=httpx.MockTransport(take))


_messages = iter(range(1, 1_000_000))


def _header(action: str, given: dict[str, Any]) -> dict[str, Any]:
    usual = samples.header(action, f"m-{next(_messages)}", message_ts=clock.now().isoformat())
    return usual | given


def _acked() -> dict[str, Any]:
    return {"message": {"ack_status": "ACK", "timestamp": clock.now().isoformat(), "correlation_id": "c-77"}}


async def join(client: httpx.AsyncClient, table: Mapping = TABLE) -> Peer:
    """Makes a registry known to the town."""
    key = draw_key("sr-2026")
    agreed = Agreement(samples.REGISTRY, samples.OWN, "https://sr.sociala.test/v1", "https://amis.jelgava.test")
    async with transaction(TOWN) as tx:
        sender = await define_sender(tx, "Sociālais reģistrs", table)
        await define_registry(tx, sender.id, agreed)
        await add_registry_key(tx, sender.id, key.public_jwk())
    return Peer(client, sender.id, key)

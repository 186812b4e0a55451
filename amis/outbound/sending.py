"""The work of webhooks: the feed becomes deliveries, and what is due is signed and posted, several at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from sqlalchemy.exc import SQLAlchemyError

from amis.intake.store import get_sender
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.feed import Entry
from amis.kernel.log import without_rows
from amis.kernel.settings import Settings
from amis.kernel.way_out import in_development
from amis.outbound import claims, store
from amis.outbound.claims import GONE, Claimed
from amis.outbound.destination import read_destination
from amis.outbound.errors import DeliveryFailed, WebhookAddressRefused
from amis.outbound.event import CONTENT_TYPE, event, source_of
from amis.outbound.fan_out import fan_out
from amis.outbound.models import WebhookKey
from amis.outbound.posting import Answer, Post
from amis.outbound.webhook_keys import opened
from amis.outbound.webhooks import disable_webhook
from cards.errors import CardsError
from sync.signature import PrivateKey, SharedKey, sign

LOOK_EVERY = 0.25
"""Seconds between two looks for something to send."""
MOST_WEBHOOKS = 32
"""Webhooks that one worker sends to at once; a slow receiver delays its own messages only."""

Key = SharedKey | PrivateKey

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Courier:
    """Sends what is due: `connection` (role amis_worker, autocommit) keeps the deliveries, `post` is the way out."""

    connection: AsyncConnection
    public_url: str
    post: Post

    async def send_due(self, webhook_id: UUID) -> int:
        """Sends what is due for one webhook until nothing is, or nothing gets through; how many tries that were."""
        total = 0
        while claimed := await claims.claim(self.connection, webhook_id):
            keys, bodies = await _prepared(claimed, self.public_url)
            states = await asyncio.gather(*(self._settled(one, bodies, keys) for one in claimed))
            total += len(claimed)
            if "done" not in states:
                break
        return total

    async def _settled(self, one: Claimed, bodies: Mapping[int, bytes | None], keys: Sequence[Key]) -> str:
        if one.seq not in bodies:
            await claims.bury(self.connection, one)
            return "dead"
        body = bodies[one.seq]
        if body is None:
            await claims.drop(self.connection, one)
            return "done"
        return await self._send(one, body, keys)

    async def _send(self, one: Claimed, body: bytes, keys: Sequence[Key]) -> str:
        answer, error = None, ""
        try:
            answer = await self._posted(one, body, keys)
        except (DeliveryFailed, WebhookAddressRefused) as failure:
            error = str(failure)
        state = await claims.settle(self.connection, one, answer, error)
        if answer is not None and answer.status == GONE:
            async with transaction(system("worker", one.municipality_id)) as tx:
                await disable_webhook(tx, one.webhook_id, str(GONE))
        if state != "done":
            status = answer.status if answer else None
            _log.warning("webhook not delivered", webhook=str(one.webhook_id), seq=one.seq, status=status, state=state)
        return state

    async def _posted(self, one: Claimed, body: bytes, keys: Sequence[Key]) -> Answer:
        if not keys:
            raise DeliveryFailed("no key is left to sign with")
        # Read anew each time: what was let in by another version of this program, or in development, fails closed.
        to = read_destination(one.url, development=in_development(self.public_url))
        headers = sign(keys, str(one.ref), clock.now(), body)
        return await self.post.send(to, {**headers, "content-type": CONTENT_TYPE, "user-agent": "AMIS"}, body)


async def send_webhooks(connection: AsyncConnection, settings: Settings) -> None:
    """Sends for ever; any number of workers may."""
    courier, busy = Courier(connection, settings.public_url, Post()), dict[UUID, asyncio.Task[int]]()
    try:
        while True:
            await fan_out(connection)
            for webhook_id in await claims.webhooks_due(connection):
                if webhook_id not in busy and len(busy) < MOST_WEBHOOKS:
                    busy[webhook_id] = asyncio.create_task(courier.send_due(webhook_id))
            await asyncio.sleep(LOOK_EVERY)
            for webhook_id in [one for one, task in busy.items() if task.done()]:
                _end(busy.pop(webhook_id))
    finally:
        for task in busy.values():
            task.cancel()
        await asyncio.gather(*busy.values(), return_exceptions=True)


async def _prepared(claimed: Sequence[Claimed], public_url: str) -> tuple[list[Key], dict[int, bytes | None]]:
    """The keys that sign now, and the body of each delivery of one webhook whose entry is still there.

    None where a source would be told of somebody of whom it has stated nothing.
    """
    first = claimed[0]
    entries = [entry for entry in map(_entry, claimed) if entry is not None]
    async with transaction(system("worker", first.municipality_id)) as tx:
        keys = _opened(await store.keys(tx, first.webhook_id))
        sources = [(await get_sender(tx, first.sender_id)).source] if first.sender_id else []
        known = await store.records_of(tx, sources, entries) if sources else None
    source = source_of(public_url, first.municipality_id)
    return keys, {entry.seq: _body(entry, source, known) for entry in entries}


def _body(entry: Entry, source: str, known: Mapping[UUID, Sequence[str]] | None) -> bytes | None:
    if known is not None and entry.subject is not None and entry.subject not in known:
        return None
    return event(entry, source, store.records_for(entry, known))


def _opened(keys: Sequence[WebhookKey]) -> list[Key]:
    try:
        return [opened(key.id, key.wrapped) for key in keys]
    except CardsError as error:
        # as after a backup of the database without its keys: it is the receiver's to say that it wants new ones
        _log.error("keys of a webhook cannot be opened", webhook=str(keys[0].webhook_id), reason=str(error))
        return []


def _end(task: asyncio.Task[int]) -> None:
    try:
        task.result()
    except SQLAlchemyError as error:
        # what was leased is tried again when its lease is over
        _log.warning("sending interrupted", reason=without_rows(str(error)))


def _entry(one: Claimed) -> Entry | None:
    if one.ref is None or one.table_name is None or one.topic is None or one.data is None:
        return None
    if one.at is None or one.sequenced_at is None:
        return None
    return Entry(one.seq, one.table_name, one.ref, one.topic, one.subject, one.data, one.at, one.sequenced_at)

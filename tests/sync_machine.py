"""A sender of the town as a machine: paired and approved, with keys of both versions; and the worker it waits for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import AsyncConnection
from sqlalchemy import select

from amis import worker
from amis.concessions.seed_lv import JELGAVA
from amis.demo.town import SOURCE
from amis.intake import senders
from amis.intake.importing import import_next
from amis.intake.models import Sender
from amis.intake.places import folder_of
from amis.intake.spdci_keys import add_registry_key
from amis.intake.spdci_peers import Agreement, define_registry
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.outbound.models import WebhookKey
from amis.outbound.sending import send_webhooks
from amis.outbound.webhooks import WebhookDraft, define_webhook
from amis.staff import machine_service
from sync.pairing import pair
from sync.pretend.letters import Registry
from sync.signature import PrivateKey, SharedKey, signing_key
from sync.spdci.key import draw_key
from tests.town import CLERK, Site

_IDLE = 0.01


async def paired_sender(site: Site, folder: Path) -> tuple[Path, dict[str, SharedKey | PrivateKey]]:
    """The folder of the pairing of the town's social system, and its keys by version."""
    home, private = folder / "machine", PrivateKey(Ed25519PrivateKey.generate())
    async with transaction(CLERK) as tx:
        sender_id = (await tx.session.scalars(select(Sender.id).where(Sender.source == SOURCE))).one()
        machine = await machine_service.create_machine(tx, "sender", "SOPA", JELGAVA)
        await senders.give_machine(tx, sender_id, machine.id)
        await senders.add_key(tx, sender_id, private.public().to_text())
        code = await machine_service.pairing_code(tx, machine.id)
    await pair(site.url, code, home, site.http)
    async with transaction(CLERK) as tx:
        await machine_service.approve(tx, machine.id)
    return home, {"v1": signing_key(site.town.sender_key), "v1a": private}


@asynccontextmanager
async def worker_of(site: Site) -> AsyncIterator[None]:
    """The loops of the worker that take in files, number the feed and send webhooks, in this process."""
    assert site.settings.database_worker_url is not None
    works = (_import_at_once, worker.sequence_feed, send_webhooks)
    address = site.settings.database_worker_url
    connections = [await AsyncConnection.connect(address, autocommit=True) for _ in works]
    pairs = zip(works, connections, strict=True)
    running = [asyncio.create_task(work(connection, site.settings)) for work, connection in pairs]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        for connection in connections:
            await connection.close()
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended


async def _import_at_once(connection: AsyncConnection, settings: Settings) -> None:
    while True:
        if not await import_next(connection, folder_of(settings)):
            await asyncio.sleep(_IDLE)


async def webhook(url: str, *topics: str) -> list[str]:
    """A webhook of the town; the keys by which its messages are verified."""
    async with transaction(CLERK) as tx:
        made, secret = await define_webhook(tx, WebhookDraft("SOPA", url, topics))
        await tx.session.flush()
        publics = await tx.session.scalars(select(WebhookKey.public).where(WebhookKey.webhook_id == made.id))
        return [secret, *(public for public in publics if public)]


async def as_registry() -> Registry:
    """The town's social system as a social registry too."""
    made = Registry("sopa.jelgava", "amis.jelgava", draw_key("sopa-1"))
    agreed = Agreement(made.registry_id, made.receiver_id, "https://sopa.test/v1", "https://amis.test")
    async with transaction(CLERK) as tx:
        sender_id = (await tx.session.scalars(select(Sender.id).where(Sender.source == SOURCE))).one()
        await define_registry(tx, sender_id, agreed)
        await add_registry_key(tx, sender_id, made.key.public_jwk())
    return made

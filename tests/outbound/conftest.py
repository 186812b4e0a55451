"""A town with a feed, and a receiver of what flows out of it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.outbound.models import Webhook
from amis.outbound.topics import TOPICS
from amis.outbound.webhooks import WebhookDraft, define_webhook
from tests.outbound.sink import TOWN, Sink, sink

ADMIN, COLLEAGUE = system("admin", TOWN), system("colleague", TOWN)
Hooked = Callable[..., Awaitable[tuple[Webhook, str]]]


@pytest.fixture
async def town(owner_connection: AsyncConnection) -> AsyncConnection:
    """Two towns; gives the owner's connection."""
    await owner_connection.execute("INSERT INTO municipality VALUES (7, 'JEL', '', ''), (8, 'CES', '', '')")
    return owner_connection


@pytest.fixture
async def receiver() -> AsyncIterator[Sink]:
    async with sink() as made:
        yield made


@pytest.fixture
def hooked(town: AsyncConnection, receiver: Sink) -> Hooked:
    """Makes a webhook of the town to the receiver."""

    async def make(*topics: str) -> tuple[Webhook, str]:
        async with transaction(ADMIN) as tx:
            return await define_webhook(tx, WebhookDraft("Sink", receiver.url, topics or tuple(TOPICS)))

    return make

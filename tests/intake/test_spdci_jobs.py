"""The worker asks those registries that are to be asked, and each as often as agreed."""

from __future__ import annotations

from datetime import timedelta

from psycopg import AsyncConnection
from sqlalchemy import text

from amis.intake.senders import define_sender
from amis.intake.spdci_jobs import pull_registries
from amis.intake.spdci_peers import Agreement, define_registry
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from sync.sopa import sopa_mapping
from tests.intake.wire import TOWN, counted
from tests.sync.spdci import samples

NOBODY_THERE = "http://127.0.0.1:9"


async def test_a_registry_is_asked_as_often_as_agreed_and_no_other(
    database: Settings, database_name: str, worker_connection: AsyncConnection
) -> None:
    for number, every in ((1, timedelta(minutes=30)), (2, None)):
        agreed = Agreement(samples.REGISTRY, f"amis-{number}", NOBODY_THERE, "https://amis.test", pull_every=every)
        async with transaction(TOWN) as tx:
            sender = await define_sender(tx, f"SR {number}", sopa_mapping(f"sr/{number}"))
            await define_registry(tx, sender.id, agreed)
    begun = clock.now()
    for minutes, asked in ((0, 1), (29, 1), (31, 2)):
        with clock.moved(begun + timedelta(minutes=minutes)):
            await pull_registries(worker_connection)
        assert (minutes, await counted("registry_request")) == (minutes, asked)
    async with transaction(TOWN) as tx:
        states = "SELECT DISTINCT state || ': ' || reason FROM registry_request"
        assert list(await tx.session.scalars(text(states))) == ["failed: ConnectError"]

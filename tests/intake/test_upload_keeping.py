"""Uploaded files are let go in time: what nobody confirmed after a day, the others with the files of batches."""

from datetime import timedelta

from psycopg import AsyncConnection

from amis.concessions.seed_lv import JELGAVA
from amis.intake import batches, store, uploads
from amis.intake.batches import KEPT, Delivery
from amis.intake.keeping import sweep
from amis.intake.places import folder_of
from amis.intake.raw_files import path_of
from amis.intake.upload_keeping import WAITING, let_go
from amis.intake.upload_models import Upload
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from tests.intake.wire import TOWN


async def test_files_go_in_time(database: Settings, worker_connection: AsyncConnection) -> None:
    folder = folder_of(database)
    waiting, made, batch = (uploads.keep(folder, b"a;b") for _ in range(3))
    async with transaction(TOWN) as tx:
        sender = (await store.senders(tx))[0]
        for one in (waiting, made):
            await uploads.take(tx, sender.id, one, "C:\\lists\\may.csv")
        await batches.receive(tx, sender, batch, Delivery("delta", "ndjson", "upload"))
        kept = await uploads.get_upload(tx, made.id)
        kept.batch_id = batch.id
        assert (kept.name, kept.municipality_id) == ("may.csv", JELGAVA)

    async def left() -> list[bool]:
        return [path_of(folder, one.id).exists() for one in (waiting, made, batch)]

    await let_go(folder, worker_connection)
    assert await left() == [True, True, True]
    with clock.moved(clock.now() + WAITING + timedelta(minutes=1)):
        await let_go(folder, worker_connection)
        await sweep(folder, worker_connection)
        assert await left() == [False, True, True]
    with clock.moved(clock.now() + KEPT + timedelta(days=1)):
        await let_go(folder, worker_connection)
        assert await left() == [False, False, True]
    async with transaction(TOWN) as tx:
        assert await tx.session.get(Upload, waiting.id) is None
        gone = await tx.session.get(Upload, made.id)
        assert gone is not None
        assert gone.raw_gone_at is not None

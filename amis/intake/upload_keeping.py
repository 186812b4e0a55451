"""Files that people handed over: those that nobody confirmed go after a day, the others when those of batches do."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from psycopg import AsyncConnection

from amis.intake import raw_files
from amis.intake.batches import KEPT
from amis.intake.places import folder_of
from amis.intake.upload_models import Upload
from amis.kernel import audit, clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job

WAITING = timedelta(days=1)
"""How long a file may wait to be confirmed."""
_OVER = """
SELECT id, municipality_id FROM notice_upload
WHERE raw_gone_at IS NULL AND received_at <= CASE WHEN batch_id IS NULL THEN %s ELSE %s END
ORDER BY received_at LIMIT 500
"""


def upload_jobs(settings: Settings) -> list[Job]:
    """What is done each hour; it may be repeated."""
    return [Job("intake.uploads", timedelta(hours=1), partial(let_go, folder_of(settings)))]


async def let_go(folder: Path, connection: AsyncConnection) -> None:
    """Deletes files whose time is over; of a confirmed one its digest stays."""
    now = clock.now()
    for upload_id, municipality_id in await (await connection.execute(_OVER, (now - WAITING, now - KEPT))).fetchall():
        raw_files.remove(folder, upload_id)
        async with transaction(system("worker", municipality_id)) as tx:
            upload = await tx.session.get(Upload, upload_id, with_for_update=True)
            if upload is None:
                continue
            if upload.batch_id is None:
                await tx.session.delete(upload)
            else:
                upload.raw_gone_at = tx.at
            await audit.record(tx, "notice_upload.let_go", ("notice_upload", upload_id))

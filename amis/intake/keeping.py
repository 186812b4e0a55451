"""Files that senders handed over are kept for 60 days, then their digest is; what never became a batch for one day."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from psycopg import AsyncConnection

from amis.intake import batches, raw_files
from amis.intake.places import folder_of
from amis.kernel import audit, clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job

STRAY = timedelta(days=1)
"""A file that came in and was never answered: the service died in between, or the sender went away."""
_OVER = """
SELECT id, municipality_id FROM batch
WHERE raw_gone_at IS NULL AND raw_until <= %s AND state IN ('done', 'refused', 'cancelled') ORDER BY raw_until LIMIT 500
"""
_NAMED = """
SELECT id FROM batch WHERE id = ANY(%(ids)s)
UNION ALL SELECT id FROM notice_upload WHERE id = ANY(%(ids)s) AND batch_id IS NOT NULL
"""


def keeping_jobs(settings: Settings) -> list[Job]:
    """What is done each hour about the files in the folder; all of it may be repeated."""
    folder, hour = folder_of(settings), timedelta(hours=1)
    return [
        Job("intake.files", hour, partial(let_go, folder)),
        Job("intake.strays", hour, partial(sweep, folder)),
    ]


async def let_go(folder: Path, connection: AsyncConnection) -> None:
    """Deletes the files of batches that have been ended for long enough."""
    for batch_id, municipality_id in await (await connection.execute(_OVER, (clock.now(),))).fetchall():
        raw_files.remove(folder, batch_id)
        async with transaction(system("worker", municipality_id)) as tx:
            batch = await batches.lock(tx, batch_id)
            batch.raw_gone_at = tx.at
            await audit.record(tx, "notice_batch.let_go", ("notice_batch", batch_id))


async def sweep(folder: Path, connection: AsyncConnection) -> None:
    """Deletes files that no batch names, nor an upload that became one."""
    named = await asyncio.to_thread(_old, folder)
    cursor = await connection.execute(_NAMED, {"ids": [*filter(None, named.values())]})
    known = {row[0] for row in await cursor.fetchall()}
    for path, batch_id in named.items():
        if path.suffix == ".part" or (batch_id is not None and batch_id not in known):
            path.unlink(missing_ok=True)


def _old(folder: Path) -> dict[Path, UUID | None]:
    """Files that have lain for long enough to be strays, each with the batch that it would be of."""
    found = (path for path in folder.glob("*-*.*") if path.is_file())
    return {path: _id_of(path) for path in found if _age(path) > STRAY}


def _age(path: Path) -> timedelta:
    return clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.stem)
    except ValueError:
        return None

"""What the worker does about sources that are to be asked: each when its time has come."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from psycopg import AsyncConnection

from amis.intake.errors import PullUnknown
from amis.intake.places import folder_of
from amis.intake.pull import Step, pull
from amis.kernel import clock
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job
from amis.kernel.way_out import WayOut

_DUE = """
SELECT sender_id, municipality_id FROM notice_pull WHERE asked_at IS NULL OR asked_at + every <= %s ORDER BY sender_id
"""

log = structlog.get_logger()


def pull_jobs(settings: Settings) -> list[Job]:
    """A look each minute; it may be repeated."""
    return [Job("intake.pulls", timedelta(minutes=1), partial(pull_due, folder_of(settings), WayOut()))]


async def pull_due(folder: Path, way: WayOut, connection: AsyncConnection) -> None:
    """Asks every source whose time has come, one after the other."""
    for sender_id, municipality_id in await (await connection.execute(_DUE, (clock.now(),))).fetchall():
        try:
            step = await pull(sender_id, municipality_id, folder, way)
        except PullUnknown:
            continue
        if step is Step.FAILED:
            log.warning("a source could not be asked", sender=str(sender_id))

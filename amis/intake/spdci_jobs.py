"""What the worker does about registries: asks those that are to be asked for what changed."""

from datetime import timedelta

import httpx
import structlog
from psycopg import AsyncConnection

from amis.intake.spdci_pull import Step, pull_spdci
from amis.kernel.ticker import Job

_PATIENT = 20.0
"""Seconds for the short answer of a registry."""

log = structlog.get_logger()


async def pull_registries(connection: AsyncConnection) -> None:
    """One step with each registry that is asked regularly."""
    cursor = await connection.execute(
        "SELECT sender_id, municipality_id, pull_every FROM registry WHERE pull_every IS NOT NULL ORDER BY sender_id"
    )
    async with httpx.AsyncClient(timeout=_PATIENT) as http:
        for sender_id, municipality_id, every in await cursor.fetchall():
            step = await pull_spdci(sender_id, municipality_id, http, every)
            if step is Step.FAILED:
                log.warning("a registry could not be asked", sender=str(sender_id))


JOBS: list[Job] = [Job("intake.registries", timedelta(minutes=1), pull_registries)]

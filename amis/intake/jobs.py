"""What the worker does for the intake: tokens of who moves away on a later day, and how fresh everything is."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from amis.intake.canary import canary_job
from amis.intake.freshness import Watch, forget
from amis.intake.moving import MOVED, leave_now
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job


async def close_moved(tx: Transaction, note: Note) -> None:
    """Ends the tokens of somebody whose day of moving has come."""
    await leave_now(tx, UUID(note.payload["person_id"]))


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {MOVED: close_moved}


def freshness_jobs(settings: Settings) -> list[Job]:
    """The jobs that measure; the canary among them unless a setting says no."""
    watching = Job("intake.freshness", timedelta(minutes=1), Watch().look)
    forgetting = Job("intake.canaries", timedelta(days=1), forget)
    return [watching, forgetting, *([canary_job(settings)] if settings.canary else [])]

"""What the intake does not keep: signs of life, talk with registries, what was refused, codes of the erased."""

from datetime import timedelta

from psycopg import AsyncConnection
from sqlalchemy import select, text

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.models import Municipality
from amis.kernel.ticker import Job

KEPT = timedelta(days=90)
"""How long it can be seen what a registry has sent and what it was asked; what it stated stays in the ledger."""
BEATS_KEPT = timedelta(days=30)
"""How long it can be seen that a source was alive; each minute brings another sign of life."""
_BEATS = (
    "DELETE FROM notice_arrival WHERE type = 'source.heartbeat.v1' AND verdict IN ('applied', 'unchanged', 'stale')"
    " AND received_at < %s"
)
_OVER = (
    "DELETE FROM registry_message WHERE received_at < %s",
    "DELETE FROM registry_request WHERE action = 'txn-status' AND asked_at < %s",
    # A subscription is ended by the codes that its request holds; a question goes after those about it.
    "DELETE FROM registry_request AS old WHERE action = 'search' AND asked_at < %s"
    " AND NOT EXISTS (SELECT FROM registry_request AS later WHERE later.about = old.id)",
)
REFUSED_KEPT = timedelta(days=60)
"""How long the bytes of a refused notice are kept once somebody has decided; what was decided, and why, stays."""
_DECIDED = "UPDATE quarantine SET sealed = '' WHERE state <> 'open' AND sealed <> '' AND decided_at < %s"
_ERASED = """
UPDATE notice SET code_index = NULL FROM person
WHERE notice.municipality_id = :own AND notice.code_index IS NOT NULL
    AND person.municipality_id = :own AND person.id = notice.person_id AND person.erased_at IS NOT NULL
"""


async def forget_talk(connection: AsyncConnection) -> None:
    """Deletes messages of registries, and questions to them, of longer ago than `KEPT`."""
    for statement in _OVER:
        await connection.execute(statement, (clock.now() - KEPT,))


async def forget_beats(connection: AsyncConnection) -> None:
    """Deletes arrivals of heartbeats, which say nothing of anybody, of longer ago than `BEATS_KEPT`."""
    await connection.execute(_BEATS, (clock.now() - BEATS_KEPT,))


async def forget_refused(connection: AsyncConnection) -> None:
    """Empties what was refused and decided on longer ago than `REFUSED_KEPT`."""
    await connection.execute(_DECIDED, (clock.now() - REFUSED_KEPT,))


async def forget_erased(_connection: AsyncConnection | None = None) -> None:
    """Takes the digest of the personal code out of the ledger's records of persons who are erased."""
    async with transaction(system("worker")) as tx:
        towns = list(await tx.session.scalars(select(Municipality.id).order_by(Municipality.id)))
    for town in towns:
        async with transaction(system("worker", town)) as tx:
            await tx.session.execute(text(_ERASED), {"own": town})


JOBS = [
    Job("intake.talk", timedelta(days=1), forget_talk),
    Job("intake.beats", timedelta(days=1), forget_beats),
    Job("intake.refused", timedelta(days=1), forget_refused),
    Job("intake.erased", timedelta(hours=1), forget_erased),
]
"""What the worker forgets of the intake."""

"""What the worker does: partitions before they are needed, what is dead forgotten, changed rights told to terminals."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from psycopg import AsyncConnection

from amis.granting.service import CHANGED, CHANGED_MANY
from amis.issuing.jobs import HANDLERS as OF_ISSUING
from amis.kernel import clock
from amis.kernel.db import Transaction
from amis.kernel.outbox import Note
from amis.kernel.ticker import Job
from amis.validating.bundle_follow import follow_many, follow_person

MONTHS_AHEAD = 3
REPLAY_KEPT = timedelta(days=8)
"""A presentation is too old after a minute and a half; but a terminal may be offline for a week before it uploads."""

DELTAS_KEPT = timedelta(hours=72)
"""A terminal that was away for longer takes the manifest."""
PARTS_KEPT = timedelta(hours=2)
"""How long a part is given after a newer manifest stopped naming it, for terminals that are at it."""


async def make_partitions(connection: AsyncConnection) -> None:
    """Makes the partitions of this month and the next three."""
    await connection.execute("SELECT make_use_partitions(%s, %s)", (clock.today(), MONTHS_AHEAD))


async def forget_presentations(connection: AsyncConnection) -> None:
    """Deletes replay keys that no presentation can meet any more."""
    await connection.execute("DELETE FROM seen WHERE at < %s", (clock.now() - REPLAY_KEPT,))


async def forget_versions(connection: AsyncConnection) -> None:
    """Deletes versions that no terminal can follow from any more, and parts that no manifest names; the newest stay."""
    now = clock.now()
    await connection.execute(
        "DELETE FROM bundle_version AS old WHERE old.at < %s AND old.seq < ("
        " SELECT max(seq) FROM bundle_version AS whole"
        " WHERE whole.provider_id = old.provider_id AND whole.manifest IS NOT NULL)",
        (now - DELTAS_KEPT,),
    )
    await connection.execute(
        "DELETE FROM bundle_part AS old WHERE old.at < ("
        " SELECT max(at) FROM bundle_part AS named WHERE named.provider_id = old.provider_id) - %s",
        (PARTS_KEPT,),
    )


async def forget_notes(connection: AsyncConnection) -> None:
    """Deletes published notes of tokens that a later one has taken the place of; the last of each token stays."""
    await connection.execute(
        "DELETE FROM status_change AS old WHERE old.seq IS NOT NULL AND old.at < %s AND EXISTS ("
        " SELECT FROM status_change AS later WHERE later.municipality_id = old.municipality_id"
        " AND later.token_id = old.token_id AND later.id > old.id AND later.seq IS NOT NULL)",
        (clock.now() - DELTAS_KEPT,),
    )


HANDLERS: dict[str, Callable[[Transaction, Note], Awaitable[None]]] = {
    **OF_ISSUING,
    CHANGED: follow_person,
    CHANGED_MANY: follow_many,
}
"""Who does what by outbox topic, for this room and those below it."""
JOBS = [
    Job("validating.partitions", timedelta(days=1), make_partitions),
    Job("validating.presentations", timedelta(minutes=10), forget_presentations),
    Job("validating.bundles", timedelta(minutes=10), forget_versions),
    Job("validating.notes", timedelta(hours=6), forget_notes),
]
